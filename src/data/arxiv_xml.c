#include "arxiv_build.h"

#ifdef SEQNN_USE_EXPAT
#include <expat.h>

enum { SQ_XML_DEEPEST = 64, SQ_XML_LONGEST_TOKEN = 1 << 20 };

/* The elements of a record whose text is wanted. */
enum { SQ_XML_ID, SQ_XML_TITLE, SQ_XML_ABSTRACT, SQ_XML_CATEGORIES, SQ_XML_FIELDS };

typedef struct sq_xml {
    sq_arxiv *arxiv;
    const char *path;
    XML_Parser parser;
    seqnn_status status; /* the first failure */
    int depth, field;    /* the open element of SQ_XML_..., or -1 */
    bool record, deleted, seen[SQ_XML_FIELDS];
    seqnn_size line; /* where the record began */
    sq_buffer text[SQ_XML_FIELDS];
} sq_xml;

static void sq_xml_stop(sq_xml *xml, seqnn_status status)
{
    if (xml->status == SEQNN_OK)
        xml->status = status;
    XML_StopParser(xml->parser, XML_FALSE);
}

static seqnn_size sq_xml_line(const sq_xml *xml)
{
    return (seqnn_size)XML_GetCurrentLineNumber(xml->parser);
}

static void XMLCALL sq_xml_doctype(void *data, const XML_Char *name,
                                   const XML_Char *system, const XML_Char *public_id,
                                   int internal)
{
    sq_xml *xml = (sq_xml *)data;
    (void)name, (void)system, (void)public_id, (void)internal;
    sq_xml_stop(xml, sq_fail(SEQNN_ERROR_FORMAT,
                             "%s:%td: a document type, which no page of records has",
                             xml->path, sq_xml_line(xml)));
}

/* The value of an attribute, "" if it is not there. */
static const char *sq_xml_attribute(const XML_Char **attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return "";
}

static void XMLCALL sq_xml_start(void *data, const XML_Char *name,
                                 const XML_Char **attributes)
{
    static const char *const fields[] = {"id", "title", "abstract", "categories"};
    sq_xml *xml = (sq_xml *)data;
    const char *bar = strrchr(name, '|'); /* the name space ends here */
    name = bar ? bar + 1 : name;
    if (++xml->depth > SQ_XML_DEEPEST) {
        sq_xml_stop(xml, sq_fail(SEQNN_ERROR_FORMAT,
                                 "%s:%td: more than %d elements inside each other",
                                 xml->path, sq_xml_line(xml), (int)SQ_XML_DEEPEST));
    } else if (strcmp(name, "record") == 0) {
        xml->record = true;
        xml->deleted = false;
        xml->line = sq_xml_line(xml);
        for (int i = 0; i < SQ_XML_FIELDS; i++) {
            xml->seen[i] = false;
            xml->text[i].length = 0;
        }
    } else if (strcmp(name, "header") == 0) {
        xml->deleted = strcmp(sq_xml_attribute(attributes, "status"), "deleted") == 0;
    } else if (strcmp(name, "error") == 0) {
        sq_xml_stop(xml,
                    sq_fail(SEQNN_ERROR_FORMAT,
                            "%s:%td: the server answered with the error '%s'", xml->path,
                            sq_xml_line(xml), sq_xml_attribute(attributes, "code")));
    }
    xml->field = -1;
    for (int i = 0; xml->record && i < SQ_XML_FIELDS; i++)
        if (strcmp(name, fields[i]) == 0 && !xml->seen[i])
            xml->field = i;
}

static void XMLCALL sq_xml_text(void *data, const XML_Char *text, int length)
{
    sq_xml *xml = (sq_xml *)data;
    if (xml->field < 0)
        return;
    sq_buffer_bytes(&xml->text[xml->field], text, length);
    if (xml->text[xml->field].status != SEQNN_OK)
        sq_xml_stop(xml, xml->text[xml->field].status);
}

static void sq_xml_end_record(sq_xml *xml)
{
    const char *field[SQ_XML_FIELDS];
    xml->record = false;
    if (xml->deleted)
        return;
    for (int i = 0; i < SQ_XML_FIELDS; i++)
        field[i] = !xml->seen[i] ? NULL : xml->text[i].text ? xml->text[i].text : "";
    if (!field[SQ_XML_ID] || !field[SQ_XML_CATEGORIES]) {
        sq_xml_stop(xml,
                    sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: a record without %s", xml->path,
                            xml->line, field[SQ_XML_ID] ? "categories" : "id"));
        return;
    }
    sq_paper paper = {field[SQ_XML_ID], field[SQ_XML_TITLE], field[SQ_XML_ABSTRACT],
                      false};
    seqnn_status status =
        sq_string_list_split(&xml->arxiv->labels, field[SQ_XML_CATEGORIES],
                             xml->text[SQ_XML_CATEGORIES].length);
    if (status == SEQNN_OK)
        status = sq_arxiv_add(xml->arxiv, &paper, xml->path, xml->line);
    if (status != SEQNN_OK)
        sq_xml_stop(xml, status);
}

static void XMLCALL sq_xml_end(void *data, const XML_Char *name)
{
    sq_xml *xml = (sq_xml *)data;
    const char *bar = strrchr(name, '|');
    xml->depth--;
    if (xml->field >= 0) {
        sq_buffer_bytes(&xml->text[xml->field], "", 0); /* a NUL behind it */
        xml->seen[xml->field] = true;
    }
    xml->field = -1;
    if (xml->record && strcmp(bar ? bar + 1 : name, "record") == 0)
        sq_xml_end_record(xml);
}

/* Hands the bytes on as they are read. A tag that never ends would be searched again and
 * again from its beginning: its length is limited. */
static seqnn_status sq_xml_feed(sq_xml *xml, sq_reader *reader)
{
    int64_t given = 0;
    for (bool last = false; !last;) {
        const char *bytes;
        seqnn_size count;
        seqnn_status status = sq_reader_peek(reader, 1 << 15, &bytes, &count);
        if (status != SEQNN_OK)
            return status;
        count = sq_min(count, 1 << 15);
        given += count;
        last = count == 0;
        enum XML_Status done = XML_Parse(xml->parser, bytes, (int)count, last);
        if (xml->status != SEQNN_OK)
            return xml->status;
        if (done != XML_STATUS_OK) {
            enum XML_Error error = XML_GetErrorCode(xml->parser);
            if (error == XML_ERROR_NO_MEMORY)
                return sq_fail(SEQNN_ERROR_MEMORY, "memory: no room for the XML of %s",
                               xml->path);
            return sq_fail(SEQNN_ERROR_FORMAT, "%s:%td: %s", xml->path, sq_xml_line(xml),
                           XML_ErrorString(error));
        }
        sq_reader_skip(reader, count);
        if (given - (int64_t)XML_GetCurrentByteIndex(xml->parser) > SQ_XML_LONGEST_TOKEN)
            return sq_fail(SEQNN_ERROR_FORMAT,
                           "%s:%td: a tag or comment of more than %d bytes", xml->path,
                           sq_xml_line(xml), (int)SQ_XML_LONGEST_TOKEN);
    }
    return SEQNN_OK;
}

SQ_LOCAL seqnn_status sq_arxiv_xml(sq_arxiv *arxiv, const char *path)
{
    sq_xml xml;
    sq_reader reader;
    memset(&xml, 0, sizeof xml);
    xml.arxiv = arxiv;
    xml.path = path;
    xml.field = -1;
    seqnn_status status = sq_reader_open(&reader, path);
    if (status == SEQNN_OK) {
        xml.parser = XML_ParserCreateNS(NULL, '|');
        if (!xml.parser)
            status = sq_fail(SEQNN_ERROR_MEMORY, "memory: no room for an XML parser");
    }
    if (status == SEQNN_OK) {
        XML_SetUserData(xml.parser, &xml);
        XML_SetElementHandler(xml.parser, sq_xml_start, sq_xml_end);
        XML_SetCharacterDataHandler(xml.parser, sq_xml_text);
        XML_SetStartDoctypeDeclHandler(xml.parser, sq_xml_doctype);
        status = sq_xml_feed(&xml, &reader);
    }
    if (xml.parser)
        XML_ParserFree(xml.parser);
    for (int i = 0; i < SQ_XML_FIELDS; i++)
        sq_buffer_free(&xml.text[i]);
    sq_reader_close(&reader);
    return status;
}

#else

SQ_LOCAL seqnn_status sq_arxiv_xml(sq_arxiv *arxiv, const char *path)
{
    (void)arxiv;
    return sq_fail(SEQNN_ERROR_FORMAT,
                   "%s: is XML: compile with -DSEQNN_USE_EXPAT and link with -lexpat",
                   path);
}
#endif
