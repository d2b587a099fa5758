/* harvest_arxiv - abstracts and categories from arXiv, by OAI-PMH
 *
 *   make harvest ARGS="--set cs --records 50000"
 *
 * asks for ListRecords (metadataPrefix=arXiv) page after page, with the pauses arXiv asks
 * for (https://info.arxiv.org/help/oa), and writes
 *
 *   DIR/abstracts.jsonl    one paper a line: id, datestamp, title, categories, abstract
 *   DIR/pages/000001.xml   the answers as they came (--no-pages: not)
 *   DIR/state              how far it got
 *
 * seqnn_read_arxiv reads either. A harvest that was interrupted, or killed, goes on where
 * it was when it is called again: a page counts when it is written whole, and then the
 * state is renamed into place. If the server forgot the resumption token, the harvest
 * begins again at the last date stamp (at the first, if the pages did not come in the
 * order of their stamps) and leaves out what it has. Deleted papers are left out.
 */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700
#include "oai.h"
#include <errno.h>
#include <search.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH = 4096, MAX_RESTARTS = 3 };

/* ---- one paper as a line of JSON ---- */

/* text[0..count) in quotes. It is UTF-8: the XML parser saw to that. */
static void add_json(buffer *to, const char *text, size_t count)
{
    add_text(to, "\"");
    for (size_t i = 0; i < count; i++) {
        char escaped[8];
        if (text[i] == '"' || text[i] == '\\')
            add_text(to, "\\");
        if ((unsigned char)text[i] >= ' ') {
            add(to, text + i, 1);
        } else {
            snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)text[i]);
            add_text(to, text[i] == '\n' ? "\\n" : escaped);
        }
    }
    add_text(to, "\"");
}

static void add_member(buffer *to, const char *name, const char *text)
{
    add_text(to, to->text[to->length - 1] == '{' ? "\"" : ", \"");
    add_text(to, name);
    add_text(to, "\": ");
    add_json(to, text, strlen(text));
}

/* ---- what was harvested ---- */

typedef struct harvest {
    const options *set;
    char *since;     /* from which date stamp the list is asked for */
    char *datestamp; /* the last one seen */
    char *token;     /* of the next page; "" at the beginning of a list */
    long records, pages;
    long bytes;   /* of abstracts.jsonl */
    long ordered; /* every stamp so far was at or after the one before */
    long done;
    void *ids; /* a tree of those held */
    FILE *file;
} harvest;

static void join(char path[PATH], const char *folder, const char *name)
{
    if (snprintf(path, PATH, "%s/%s", folder, name) >= PATH)
        fail("the path is too long: %s", folder);
}

static int compare(const void *a, const void *b)
{
    return strcmp((const char *)a, (const char *)b);
}

static bool hold(harvest *h, const char *id)
{
    if (tfind(id, &h->ids, compare))
        return false;
    if (!tsearch(copy(id, strlen(id)), &h->ids, compare))
        fail("no memory for the ids");
    return true;
}

/* A file that is there whole or not at all, also after a loss of power. */
static void write_file(const char *folder, const char *name, const char *text,
                       size_t count)
{
    char path[PATH], part[PATH];
    join(path, folder, name);
    if (snprintf(part, sizeof part, "%s.part", path) >= PATH)
        fail("the path is too long: %s", path);
    errno = 0;
    FILE *file = fopen(part, "wb");
    bool good = file && fwrite(text, 1, count, file) == count && fflush(file) == 0 &&
                fsync(fileno(file)) == 0;
    int error = errno; /* of what failed first */
    good = (!file || fclose(file) == 0) && good;
    if (!good || rename(part, path) != 0) {
        unlink(part);
        fail("cannot write %s: %s", path, strerror(error ? error : errno));
    }
}

/* A line of the state: what must be the same in the next call, or what changes. */
typedef struct state_line {
    const char *name, *same;
    char **text;
    long *number;
} state_line;

enum { STATE_LINES = 12 };

static void list_state(harvest *h, state_line lines[STATE_LINES])
{
    const state_line all[STATE_LINES] = {
        {"url", h->set->url, NULL, NULL},     {"set", h->set->set, NULL, NULL},
        {"from", h->set->from, NULL, NULL},   {"until", h->set->until, NULL, NULL},
        {"since", NULL, &h->since, NULL},     {"datestamp", NULL, &h->datestamp, NULL},
        {"token", NULL, &h->token, NULL},     {"records", NULL, NULL, &h->records},
        {"pages", NULL, NULL, &h->pages},     {"bytes", NULL, NULL, &h->bytes},
        {"ordered", NULL, NULL, &h->ordered}, {"done", NULL, NULL, &h->done}};
    memcpy(lines, all, sizeof all);
}

static void save_state(harvest *h)
{
    state_line lines[STATE_LINES];
    buffer text = {0};
    char number[32];
    list_state(h, lines);
    for (int i = 0; i < STATE_LINES; i++) {
        const state_line *one = &lines[i];
        if (one->number)
            snprintf(number, sizeof number, "%ld", *one->number);
        add_text(&text, one->name);
        add_text(&text, "=");
        add_text(&text, one->same ? one->same : one->text ? *one->text : number);
        add_text(&text, "\n");
    }
    write_file(h->set->out, "state", text.text, text.length);
    free(text.text);
}

/* The state of a harvest of the same list; nothing if there is none. */
static void load_state(harvest *h)
{
    state_line lines[STATE_LINES];
    char path[PATH], *line = NULL;
    size_t capacity = 0;
    join(path, h->set->out, "state");
    FILE *file = fopen(path, "rb");
    if (!file && errno == ENOENT)
        return;
    if (!file)
        fail("cannot read %s: %s", path, strerror(errno));
    list_state(h, lines);
    for (int i = 0; i < STATE_LINES; i++) {
        const state_line *one = &lines[i];
        char *value = getline(&line, &capacity, file) > 0 ? strchr(line, '=') : NULL;
        if (!value || strncmp(line, one->name, strlen(one->name)) != 0)
            fail("%s is no state of a harvest: it lacks '%s'", path, one->name);
        value++;
        value[strcspn(value, "\n")] = '\0';
        if (one->same && strcmp(one->same, value) != 0)
            fail("%s holds a harvest with --%s '%s', not '%s': another --out, please",
                 h->set->out, one->name, value, one->same);
        if (one->text)
            set_text(one->text, copy(value, strlen(value)));
        if (one->number)
            *one->number = strtol(value, NULL, 10);
    }
    free(line);
    fclose(file);
}

/* Waits what is left of the pause after the last request of a harvest broken off. */
static void finish_pause(const harvest *h)
{
    char path[PATH];
    struct stat info;
    join(path, h->set->out, "state");
    if (stat(path, &info) == 0) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        double passed = (double)(now.tv_sec - info.st_mtim.tv_sec) +
                        1e-9 * (double)(now.tv_nsec - info.st_mtim.tv_nsec);
        if (passed >= 0 && passed < (double)h->set->wait)
            pause_for((double)h->set->wait - passed);
    }
}

/* Opens abstracts.jsonl, cuts off what came after the last state, and learns the ids. */
static void open_papers(harvest *h)
{
    char path[PATH], *line = NULL;
    size_t capacity = 0;
    struct stat info;
    long lines = 0;
    join(path, h->set->out, "abstracts.jsonl");
    h->file = fopen(path, "ab+");
    if (!h->file)
        fail("cannot write %s: %s", path, strerror(errno));
    if (flock(fileno(h->file), LOCK_EX | LOCK_NB) != 0)
        fail("another harvest into %s is at work", h->set->out);
    load_state(h);
    if (fstat(fileno(h->file), &info) != 0 || info.st_size < h->bytes ||
        ftruncate(fileno(h->file), h->bytes) != 0)
        fail("%s has fewer than the %ld bytes that %s/state tells of", path, h->bytes,
             h->set->out);
    rewind(h->file);
    while (getline(&line, &capacity, h->file) > 0) {
        static const char before[] = "{\"id\": \"";
        char *id = line + sizeof before - 1;
        if (strncmp(line, before, sizeof before - 1) != 0 || !strchr(id, '"'))
            fail("%s: line %ld was not written by a harvest", path, lines + 1);
        *strchr(id, '"') = '\0';
        lines++;
        hold(h, id);
    }
    free(line);
    if (lines != h->records)
        fail("%s has %ld lines, but %s/state tells of %ld", path, lines, h->set->out,
             h->records);
}

/* Adds the papers that are new, up to the limit. Returns how many; false in *whole if the
 * limit left some out. */
static long add_papers(harvest *h, const page *from, bool *whole)
{
    buffer text = {0};
    long added = 0;
    *whole = true;
    for (size_t i = 0; i < from->count; i++) {
        const paper *one = &from->papers[i];
        const char *stamp = one->field[DATESTAMP];
        if (h->set->records && h->records + added >= h->set->records) {
            *whole = false;
            break;
        }
        h->ordered = h->ordered && strcmp(stamp, h->datestamp) >= 0;
        set_text(&h->datestamp, copy(stamp, strlen(stamp)));
        if (!hold(h, one->field[ID]))
            continue;
        add_text(&text, "{");
        add_member(&text, "id", one->field[ID]);
        add_member(&text, "datestamp", stamp);
        add_member(&text, "title", one->field[TITLE]);
        add_member(&text, "categories", one->field[CATEGORIES]);
        add_member(&text, "abstract", one->field[ABSTRACT]);
        add_text(&text, "}\n");
        added++;
    }
    if (fwrite(text.text ? text.text : "", 1, text.length, h->file) != text.length ||
        fflush(h->file) != 0 || fsync(fileno(h->file)) != 0)
        fail("cannot write %s/abstracts.jsonl: %s", h->set->out, strerror(errno));
    h->bytes += (long)text.length;
    h->records += added;
    free(text.text);
    return added;
}

/* The token is not known any more: the list is asked for anew. */
static void begin_again(harvest *h)
{
    const char *since = h->ordered && *h->datestamp ? h->datestamp : h->set->from;
    printf("the server does not know the resumption token any more: again from %s\n",
           *since ? since : "the beginning");
    set_text(&h->since, copy(since, strlen(since)));
    set_text(&h->datestamp, copy("", 0));
    set_text(&h->token, copy("", 0));
    save_state(h);
}

/* One page; false if the server had to be asked anew and gave nothing. */
static bool take_page(harvest *h, const page *from, const buffer *body)
{
    char name[64];
    bool whole;
    if (from->token && (!strcmp(from->token, h->token) || strpbrk(from->token, "\n\r")))
        fail("%s: the server gives a resumption token that leads nowhere", h->set->url);
    if (!h->set->no_pages) {
        snprintf(name, sizeof name, "pages/%06ld.xml", h->pages + 1);
        write_file(h->set->out, name, body->text, body->length);
    }
    long added = add_papers(h, from, &whole);
    /* A page that the limit cut is asked for again when a later call wants more. */
    if (whole) {
        h->pages++;
        h->done = !from->token;
        set_text(&h->token,
                 from->token ? copy(from->token, strlen(from->token)) : copy("", 0));
    }
    save_state(h);
    printf("page %ld: %zu papers, %zu deleted, %ld new: %ld", h->pages + !whole,
           from->count, from->deleted, added, h->records);
    if (from->list_size)
        printf(" of %s", from->list_size);
    putchar('\n');
    return added > 0;
}

static void run(harvest *h)
{
    CURL *curl = curl_easy_init();
    buffer body = {0};
    page now;
    int restarts = 0;
    if (!curl)
        fail("curl cannot start");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, h->set->timeout);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "seqnn-harvest/1");
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#endif
    while (!h->done && (!h->set->records || h->records < h->set->records)) {
        finish_pause(h);
        fetch(curl, h->set, h->since, h->token, &now, &body);
        if (now.error && !strcmp(now.error, "badResumptionToken") && *h->token) {
            if (++restarts > MAX_RESTARTS)
                fail("%s: the server forgets its resumption tokens at once", h->set->url);
            begin_again(h);
        } else if (now.error && !strcmp(now.error, "noRecordsMatch")) {
            h->done = true;
            save_state(h);
        } else if (now.error) {
            fail("%s: the server answers %s: %s", h->set->url, now.error,
                 now.message ? now.message : "");
        } else if (take_page(h, &now, &body)) {
            restarts = 0;
        }
        free_page(&now);
    }
    free(body.text);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
}

/* ---- the call ---- */

typedef struct option {
    const char *name, *value, *help;
    const char **text; /* either, */
    long *number;      /* or; without a value it becomes 1 */
    long least;
} option;

static void usage(FILE *to, const option *known)
{
    fputs("usage: harvest_arxiv [option ...]\n", to);
    for (; known->name; known++) {
        fprintf(to, "  --%-9s %-5s %s", known->name, known->value, known->help);
        if (known->text && **known->text)
            fprintf(to, " (%s)", *known->text);
        else if (known->number && *known->value)
            fprintf(to, " (%ld)", *known->number);
        fputc('\n', to);
    }
}

/* false: the call was wrong */
static bool set_option(const option *known, const char *value)
{
    char *end;
    errno = 0;
    if (!*known->value)
        *known->number = 1;
    else if (!value)
        fprintf(stderr, "harvest: --%s lacks its value\n", known->name);
    else if (known->text)
        *known->text = value;
    else {
        *known->number = strtol(value, &end, 10);
        if (end != value && !*end && !errno && *known->number >= known->least &&
            *known->number <= 1000000000)
            return true;
        fprintf(stderr, "harvest: --%s %s: expected a whole number from %ld\n",
                known->name, value, known->least);
        return false;
    }
    return value || !*known->value;
}

static options read_options(int count, char **arguments)
{
    options set = {.url = "https://oaipmh.arxiv.org/oai",
                   .set = "cs",
                   .from = "",
                   .until = "",
                   .out = "datasets/cache/arxiv/harvest",
                   .wait = 20,
                   .timeout = 160,
                   .tries = 5,
                   .patience = 3600};
    const option known[] = {
        {"url", "URL", "OAI-PMH server", &set.url, NULL, 0},
        {"set", "SET", "cs, math, physics:hep-th, ...", &set.set, NULL, 0},
        {"from", "DATE", "first date stamp, as 2024-01-31", &set.from, NULL, 0},
        {"until", "DATE", "last date stamp", &set.until, NULL, 0},
        {"records", "N", "papers to have in the end; 0: all", NULL, &set.records, 0},
        {"out", "DIR", "where to write", &set.out, NULL, 0},
        {"wait", "S", "seconds between two requests", NULL, &set.wait, 0},
        {"timeout", "S", "seconds for one answer", NULL, &set.timeout, 1},
        {"tries", "N", "requests for one page before it gives up", NULL, &set.tries, 1},
        {"patience", "S", "the longest pause the server may ask for", NULL, &set.patience,
         0},
        {"no-pages", "", "do not keep the answers themselves", NULL, &set.no_pages, 0},
        {NULL, NULL, NULL, NULL, NULL, 0}};
    for (int i = 1; i < count; i++) {
        const option *one = known;
        bool help = !strcmp(arguments[i], "--help");
        while (one->name && (strncmp(arguments[i], "--", 2) != 0 ||
                             strcmp(arguments[i] + 2, one->name) != 0))
            one++;
        if (!one->name && !help)
            fprintf(stderr, "harvest: there is no option %s\n", arguments[i]);
        if (!one->name || !set_option(one, i + 1 < count ? arguments[i + 1] : NULL)) {
            usage(help ? stdout : stderr, known);
            exit(help ? 0 : 2);
        }
        i += *one->value != '\0';
    }
    return set;
}

/* The folder and those above it. */
static void make_folder(const char *path)
{
    char part[PATH];
    struct stat info;
    for (size_t i = 1; i <= strlen(path) && i < sizeof part; i++)
        if (path[i] == '/' || !path[i]) {
            snprintf(part, sizeof part, "%.*s", (int)i, path);
            mkdir(part, 0777);
        }
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        fail("cannot make the folder %s: %s", path, strerror(errno));
}

int main(int count, char **arguments)
{
    options set = read_options(count, arguments);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    harvest h = {.set = &set, .ordered = true};
    char pages[PATH];
    h.since = copy(set.from, strlen(set.from));
    h.datestamp = copy("", 0);
    h.token = copy("", 0);
    join(pages, set.out, "pages");
    make_folder(set.no_pages ? set.out : pages);
    open_papers(&h);
    run(&h);
    printf("%ld papers in %s/abstracts.jsonl%s\n", h.records, set.out,
           h.done ? ": all there are" : "");
    while (h.ids) {
        char *id = *(char **)h.ids;
        tdelete(id, &h.ids, compare);
        free(id);
    }
    free(h.since);
    free(h.datestamp);
    free(h.token);
    if (fclose(h.file) != 0)
        fail("cannot write %s/abstracts.jsonl: %s", set.out, strerror(errno));
    return 0;
}
