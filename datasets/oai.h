/* oai.h - a page of an OAI-PMH server: ListRecords with metadataPrefix=arXiv
 *
 * The lower half of harvest_arxiv.c: curl asks, expat reads. See
 * http://www.openarchives.org/OAI/openarchivesprotocol.html
 */
#ifndef OAI_H
#define OAI_H

#include <curl/curl.h>
#include <errno.h>
#include <expat.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_PAGE = 256 << 20, MAX_BUSY = 20 };

/* What the call asks for; usage() says what each is. */
typedef struct options {
    const char *url, *set, *from, *until, *out;
    long records, wait, timeout, tries, patience, no_pages;
} options;

/* Ends the program with a sentence. */
static void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("harvest: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static void *memory(void *old, size_t size)
{
    void *block = realloc(old, size);
    if (!block)
        fail("no memory for %zu bytes", size);
    return block;
}

/* ---- text that grows ---- */

typedef struct buffer {
    char *text; /* [length], a NUL behind it; NULL as long as nothing was added */
    size_t length, capacity;
} buffer;

static void add(buffer *to, const char *bytes, size_t count)
{
    if (to->length + count + 1 > to->capacity) {
        to->capacity = 2 * (to->length + count + 1);
        to->text = (char *)memory(to->text, to->capacity);
    }
    memcpy(to->text + to->length, bytes, count);
    to->length += count;
    to->text[to->length] = '\0';
}

static void add_text(buffer *to, const char *text)
{
    add(to, text, strlen(text));
}

/* ---- a page ---- */

enum { ID, DATESTAMP, TITLE, ABSTRACT, CATEGORIES, FIELDS };
static const char *const field_names[FIELDS] = {"id", "datestamp", "title", "abstract",
                                                "categories"};

typedef struct paper {
    char *field[FIELDS];
} paper;

typedef struct page {
    paper *papers;
    size_t count, capacity, deleted;
    char *token;     /* of the next page; NULL if this is the last */
    char *error;     /* the server's error code; NULL if there is none */
    char *message;   /* and its sentence */
    char *list_size; /* how many there are in all, if the server says so */
    bool is_oai;     /* the root is an OAI-PMH answer */
    bool ended;      /* a ListRecords element came to its end */
    /* while it is read: */
    paper now;
    buffer text;
    bool is_deleted;
} page;

static char *copy(const char *text, size_t count)
{
    char *result = (char *)memory(NULL, count + 1);
    memcpy(result, text, count);
    result[count] = '\0';
    return result;
}

/* The text of the element that ends, without the white space around it. */
static char *trimmed(const buffer *text)
{
    const char *begin = text->text ? text->text : "";
    size_t count = text->length;
    while (count > 0 && strchr(" \t\r\n", begin[count - 1]))
        count--;
    while (count > 0 && strchr(" \t\r\n", *begin)) {
        begin++;
        count--;
    }
    return copy(begin, count);
}

static void set_text(char **to, char *text)
{
    free(*to);
    *to = text;
}

static void free_paper(paper *one)
{
    for (int i = 0; i < FIELDS; i++)
        set_text(&one->field[i], NULL);
}

static void free_page(page *one)
{
    for (size_t i = 0; i < one->count; i++)
        free_paper(&one->papers[i]);
    free_paper(&one->now);
    free(one->papers);
    free(one->token);
    free(one->error);
    free(one->message);
    free(one->list_size);
    free(one->text.text);
}

/* "namespace|name" -> "name" */
static const char *local(const XML_Char *name)
{
    const char *bar = strrchr(name, '|');
    return bar ? bar + 1 : name;
}

static void XMLCALL on_start(void *user, const XML_Char *element,
                             const XML_Char **attribute)
{
    page *into = (page *)user;
    const char *name = local(element);
    into->text.length = 0;
    if (!strcmp(name, "OAI-PMH"))
        into->is_oai = true;
    if (!strcmp(name, "record")) {
        free_paper(&into->now);
        into->is_deleted = false;
    }
    for (; *attribute; attribute += 2) {
        const char *key = attribute[0], *value = attribute[1];
        if (!strcmp(name, "header") && !strcmp(key, "status"))
            into->is_deleted = !strcmp(value, "deleted");
        if (!strcmp(name, "error") && !strcmp(key, "code"))
            set_text(&into->error, copy(value, strlen(value)));
        if (!strcmp(name, "resumptionToken") && !strcmp(key, "completeListSize"))
            set_text(&into->list_size, copy(value, strlen(value)));
    }
}

static void XMLCALL on_text(void *user, const XML_Char *text, int count)
{
    add(&((page *)user)->text, text, (size_t)count);
}

static void end_record(page *into)
{
    paper *now = &into->now;
    if (into->is_deleted) {
        into->deleted++;
        return;
    }
    char *id = now->field[ID], *stamp = now->field[DATESTAMP];
    if (!id || strpbrk(id, "\"\\\n") || !now->field[ABSTRACT] || !now->field[CATEGORIES])
        return; /* a record without metadata */
    if (!stamp || strspn(stamp, "0123456789-:TZ") != strlen(stamp))
        set_text(&now->field[DATESTAMP], copy("", 0));
    if (!now->field[TITLE])
        now->field[TITLE] = copy("", 0);
    if (into->count == into->capacity) {
        into->capacity = 2 * into->capacity + 1000;
        into->papers = (paper *)memory(into->papers, into->capacity * sizeof(paper));
    }
    into->papers[into->count++] = *now;
    memset(now, 0, sizeof *now);
}

static void XMLCALL on_end(void *user, const XML_Char *element)
{
    page *into = (page *)user;
    const char *name = local(element);
    for (int i = 0; i < FIELDS; i++)
        if (!strcmp(name, field_names[i]))
            set_text(&into->now.field[i], trimmed(&into->text));
    if (!strcmp(name, "record"))
        end_record(into);
    if (!strcmp(name, "ListRecords"))
        into->ended = true;
    if (!strcmp(name, "error"))
        set_text(&into->message, trimmed(&into->text));
    if (!strcmp(name, "resumptionToken")) {
        set_text(&into->token, trimmed(&into->text));
        if (!*into->token)
            set_text(&into->token, NULL);
    }
    into->text.length = 0;
}

/* Reads an answer; false, with why, if it is not a whole one. */
static bool read_page(page *into, const buffer *body, char *why, size_t size)
{
    XML_Parser parser = XML_ParserCreateNS(NULL, '|');
    if (!parser)
        fail("no memory for the XML parser");
    XML_SetUserData(parser, into);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    bool good = XML_Parse(parser, body->text ? body->text : "", (int)body->length, 1) ==
                XML_STATUS_OK;
    if (!good)
        snprintf(why, size, "the answer is broken XML: line %lu: %s",
                 (unsigned long)XML_GetCurrentLineNumber(parser),
                 XML_ErrorString(XML_GetErrorCode(parser)));
    else if (!into->is_oai || (!into->ended && !into->error)) {
        snprintf(why, size, "the answer is no list of records");
        good = false;
    }
    XML_ParserFree(parser);
    return good;
}

/* ---- asking the server ---- */

static size_t on_body(char *bytes, size_t size, size_t count, void *user)
{
    buffer *body = (buffer *)user;
    if (body->length + size * count > MAX_PAGE)
        return 0; /* curl reports a failed write */
    add(body, bytes, size * count);
    return size * count;
}

static void pause_for(double seconds)
{
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)(1e9 * (seconds - (double)left.tv_sec));
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

/* url?verb=ListRecords&... */
static void make_address(buffer *to, CURL *curl, const options *set, const char *from,
                         const char *token)
{
    const char *names[] = {"resumptionToken", "set", "from", "until"};
    const char *values[] = {token, set->set, from, set->until};
    to->length = 0;
    add_text(to, set->url);
    add_text(to, "?verb=ListRecords");
    if (!*token)
        add_text(to, "&metadataPrefix=arXiv");
    for (int i = *token ? 0 : 1; i < (*token ? 1 : 4); i++) {
        char *escaped = curl_easy_escape(curl, values[i], 0);
        if (!escaped)
            fail("no memory for an address");
        if (*escaped) {
            add_text(to, "&");
            add_text(to, names[i]);
            add_text(to, "=");
            add_text(to, escaped);
        }
        curl_free(escaped);
    }
}

/* One request. Returns 0, and the page; else why not, and after how many seconds it may
 * be asked again (-1: never). busy: the server asked for the pause. */
static int ask(CURL *curl, const options *set, const char *address, page *into,
               buffer *body, char *why, size_t size, long *again, bool *busy)
{
    long status = 0;
    curl_off_t after = 0;
    *again = set->wait;
    *busy = false;
    body->length = 0;
    curl_easy_setopt(curl, CURLOPT_URL, address);
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK) {
        snprintf(why, size, "%s", curl_easy_strerror(code));
        if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
            code == CURLE_WRITE_ERROR)
            *again = -1;
        return 1;
    }
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 && status != 400) {
        curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &after);
        *busy = after > 0 && (status == 503 || status == 429);
        if (*busy)
            *again = after < 1000000000 ? (long)after : 1000000000;
        else if (status < 500 && status != 429 && status != 408)
            *again = -1;
        snprintf(why, size, "the server answers HTTP %ld", status);
        return 1;
    }
    if (read_page(into, body, why, size))
        return 0;
    if (status == 400)
        *again = -1;
    return 1;
}

/* A page, with patience; ends the program if the server has none. */
static void fetch(CURL *curl, const options *set, const char *from, const char *token,
                  page *into, buffer *body)
{
    buffer address = {0};
    char why[256];
    long again, failures = 0, busy_times = 0;
    bool busy;
    make_address(&address, curl, set, from, token);
    memset(into, 0, sizeof *into);
    while (ask(curl, set, address.text, into, body, why, sizeof why, &again, &busy)) {
        free_page(into);
        memset(into, 0, sizeof *into);
        if (busy ? ++busy_times > MAX_BUSY || again > set->patience
                 : ++failures >= set->tries || again < 0)
            fail("%s: %s%s. What is written so far stays; call again to go on", set->url,
                 why, busy ? ", and asks to come back later" : "");
        again = busy ? again : again << (failures < 5 ? failures - 1 : 4);
        printf("%s; again in %ld s\n", why, again);
        pause_for((double)again);
    }
    free(address.text);
}

#endif
