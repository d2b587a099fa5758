"""Records how Python's json module reads odd documents and writes numbers, for
tests/test_json.c.

    python3 tests/golden/json_cases.py > tests/golden/json_record.h

A document is recorded as one line in which numbers are the bits of their double. Beside
what Python refuses, refused are here: bytes that are not UTF-8, NaN and infinity (read or
overflowed into), a key that comes twice, U+0000, half of a surrogate pair, more than 64
levels, a number of more than 500 characters.
"""
import json
import math
import random
import re
import struct

from recording import escaped

DOCUMENTS = [
    b'null', b'true', b'false', b' \t\r\n null \n', b'nul', b'nulll', b'Null', b'TRUE', b'', b' ', b'\n',
    b'0', b'-0', b'1', b'-1', b'42', b'01', b'-01', b'00', b'+1', b'.5', b'5.', b'-', b'--1', b'0.', b'-.5', b'0x10',
    b'1e5', b'1E5', b'1e+5', b'1e-5', b'1e', b'1e+', b'1.e5', b'1.5e', b'0e0', b'0e1', b'0.0', b'-0.0', b'1 2', b'1,', b'1_000',
    b'0.1', b'0.30000000000000004', b'1.7976931348623157e308', b'1.7976931348623159e308', b'1e309', b'-1e309', b'1e400',
    b'5e-324', b'2e-324', b'3e-324', b'2.2250738585072011e-308', b'2.2250738585072014e-308', b'1e-400', b'123456789012345678',
    b'9007199254740993', b'9007199254740992', b'18446744073709551616', b'123456789012345678901234567890', b'1e22', b'1e23', b'8.5e-23',
    b'0.500000000000000166533453693773481063544750213623046875', b'179769313486231580793728971405301' + b'0' * 200,
    b'1' * 500, b'1' * 501, b'0.' + b'1' * 498, b'0.' + b'1' * 499, b'NaN', b'Infinity', b'-Infinity', b'nan', b'inf', b'1f', b'1.0f',
    b'""', b'"a"', b'"', b'"a', b'a"', b"'a'", b'"a"b', b'"\\""', b'"\\\\"', b'"\\"', b'"\\/"', b'"\\b\\f\\n\\r\\t"', b'"\\a"', b'"\\x41"', b'"\\',
    b'"\\u0041"', b'"\\u00e9\\u00E9"', b'"\\u004"', b'"\\u004g"', b'"\\u"', b'"\\U0041"', b'"\\u 041"', b'"\\u+041"', b'"\\u0000"', b'"a\\u0000b"',
    b'"\\ud83d\\ude00"', b'"\\uD83D\\uDE00"', b'"\\ud83d"', b'"\\ude00"', b'"\\ud83d\\u0041"', b'"\\ud83dx"', b'"\\ude00\\ud83d"', b'"\\ud83d\\ud83d"',
    b'"\\ud83d\\ude0"', b'"\\udbff\\udfff"', b'"\\ud800\\udc00"', b'"\\uffff"', b'"\\u07ff\\u0800"', b'"\x7f"', b'"\x1f"', b'"\n"', b'"\t"', b'"\x00"', b'"a\x00b"',
    '"é"'.encode(), '"€"'.encode(), '"😀"'.encode(), '"é'.encode(), b'"\xc3"', b'"\xc3\x28"', b'"\xff"', b'"\xfe\xff"', b'"\x80"', b'"\xc0\x80"', b'"\xc1\xbf"', b'"\xe0\x80\x80"',
    b'"\xed\xa0\x80"', b'"\xed\xa0\xbd\xed\xb8\x80"', b'"\xf0\x80\x80\x80"', b'"\xf4\x8f\xbf\xbf"', b'"\xf4\x90\x80\x80"', b'"\xf8\x88\x80\x80\x80"', b'\xef\xbb\xbf1', b'\xff\xfe1\x00', b'"\xe2\x82"',
    b'[]', b'[ ]', b'[\n]', b'[1]', b'[1,2]', b'[1 , 2 ]', b'[1,]', b'[,1]', b'[,]', b'[1,,2]', b'[1 2]', b'[', b']', b'[1', b'[1,', b'[1]]', b'[[1]', b'[1}', b'[}', b'[[]]', b'[[],[]]', b'[[[]],1]',
    b'["a","b"]', b'["a" "b"]', b'["a":1]', b'[null,true,false]', b'[tru]', b'[nullnull]', b'[1]x', b'[1] [2]', b'[//]', b'[1/**/]', b'[\x0b1]', b'[\xa01]', b'[\xc2\xa01]', b'[\x001]', b'[1]\x00',
    b'{}', b'{ }', b'{"a":1}', b'{"a" : 1 , "b" : 2}', b'{"a":1,}', b'{,}', b'{"a"}', b'{"a":}', b'{:1}', b'{a:1}', b"{'a':1}", b'{1:1}', b'{"a":1 "b":2}', b'{"a":1;"b":2}', b'{"a"1}', b'{"a"::1}', b'{', b'}', b'{"a', b'{"a"', b'{"a":', b'{"a":1', b'{"a":1,', b'{"a":1]', b'{"a":{}}',
    b'{"":1}', b'{"a":1,"a":2}', b'{"a":{"a":1}}', b'[{"a":1},{"a":2}]', b'{"a":1,"b":2,"\\u0061":3}', b'{"\\n":"\\n"}', b'{null:1}', b'{"a":[1,{"b":[2,{"c":[]}]},3],"d":4}',
    b'{"' + b'","'.join(b'%d":"%d' % (i, i) for i in range(40)) + b'"}', b'{"' + b'","'.join(b'%d":"%d' % (i % 39, i) for i in range(40)) + b'"}',
    b'[' * 64 + b']' * 64, b'[' * 65 + b']' * 65, b'{"a":' * 63 + b'[]' + b'}' * 63, b'{"a":' * 64 + b'[]' + b'}' * 64, b'[' * 64 + b'0' + b']' * 64, b'[' * 1000, b'[{"a":' * 500,
    b'{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}   ',
    b'{"id":"0704.0001","title":"Calculation of prompt\\n  diphoton $\\\\gamma$","categories":"hep-ph","versions":[{"version":"v1"},{"version":"v2"}],"authors_parsed":[["Bal\\u00e1zs","C.",""]]}',
]


class Refused(Exception):
    pass


def number(text):
    value = float(text)
    if len(text) > 500 or math.isinf(value):
        raise Refused
    return value


def members(pairs):
    if len(dict(pairs)) != len(pairs):
        raise Refused
    return dict(pairs)


def constant(_):
    raise Refused


def line(value, depth=0):
    """The document in one line: what the C test writes too."""
    if depth > 64 or (depth == 64 and isinstance(value, (list, dict))):
        raise Refused
    if isinstance(value, dict):
        return '{' + ','.join(line(k) + ':' + line(v, depth + 1) for k, v in value.items()) + '}'
    if isinstance(value, list):
        return '[' + ','.join(line(v, depth + 1) for v in value) + ']'
    if isinstance(value, float):
        return '#' + struct.pack('>d', value).hex()
    if isinstance(value, str):
        value.encode()  # half a pair cannot be
        if '\0' in value:
            raise Refused
        return json.dumps(value, ensure_ascii=False)
    return {None: 'null', True: 'true', False: 'false'}[value]


def record(document):
    try:
        value = json.loads(document.decode(), parse_float=number, parse_int=number,
                           parse_constant=constant, object_pairs_hook=members)
        return line(value)
    except (Refused, ValueError, RecursionError):
        return None


def literal(data):
    pieces = re.findall(r'(?:\\\d{3}|[^\\]){1,80}', escaped(data)) or ['']
    return '\n        '.join(f'"{piece}"' for piece in pieces)


def numbers():
    rng = random.Random(4)
    chosen = [0.0, -0.0, 1.0, 0.1, 1 / 3, 123456.0, 1e15, 1e16, 1e17, 1e21, 1e22, 1e23, 1e-4, 1e-5, 1e-6, 1e-7, 5e-324, 2.2250738585072014e-308,
              1.7976931348623157e308, 0.30000000000000004, 9007199254740993.0, 123456789.125, 299792458.0, 6.02214076e23, 1.5e-5, 12345678901234567890.0]
    for _ in range(150):
        value = struct.unpack('>d', struct.pack('>Q', rng.getrandbits(64)))[0]
        if math.isfinite(value):
            chosen.append(value)
    chosen += [round(rng.uniform(-1000, 1000), rng.randrange(6)) for _ in range(40)]
    for value in chosen:
        digits = re.sub(r'[-.]|e.*', '', repr(value)).strip('0') if value else '0'
        yield struct.pack('>d', value).hex(), digits.rstrip('0') or '0'


def main():
    print('/* Written by json_cases.py: documents, and how Python reads them (NULL: not at all). */')
    print('static const struct {\n    const char *text;\n    int length;\n    const char *line;\n} documents[] = {')
    for document in DOCUMENTS:
        expected = record(document)
        print(f'    {{{literal(document)},\n        {len(document)}, '
              f'{"NULL" if expected is None else literal(expected.encode())}}},')
    print('};\n\n/* Doubles by their bits, and the digits of their shortest decimal. */')
    print('static const struct {\n    uint64_t bits;\n    const char *digits;\n} shortest[] = {')
    for bits, digits in numbers():
        print(f'    {{0x{bits}, "{digits}"}},')
    print('};')


main()
