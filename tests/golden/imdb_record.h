/* Written by tests/golden/imdb.py with Keras 3.15.1 */
static const char *const keras_texts[] = {
    "The film was good, the cast was good; THE END.<br /><br />Good!",
    "a film: a bad film\077 no, the worst film...",
    "",
    "Caf\303\251 'the' na\303\257ve 10/10 end",
    "bad bad bad bad\011worst\012end of the film"};
static const char keras_index[] =
    "{\042'the'\042: 14, \04210\042: 10, \042a\042: 8, \042bad\042: 3, \042br\042: 7, \042caf\134u00e9\042: 13, \042cast\042: 11, \042end\042: 5, \042film\042: 2, \042good\042: 4, \042na\134u00efve\042: 15, \042no\042: 12, \042of\042: 16, \042the\042: 1, \042was\042: 6, \042worst\042: 9}";
static const struct keras_case {
    int num_words, skip_top;
    bool no_start, no_oov;
    const char *numbers[5];
} keras_cases[] = {
    {19, 0, 0, 0,
     {"1 4 5 9 7 4 14 9 7 4 8 10 10 7", "1 11 5 11 6 5 15 4 12 5", "1", "1 16 17 18 13 13 8", "1 6 6 6 6 12 8 2 4 5"}},
    {8, 0, 0, 0,
     {"1 4 5 2 7 4 2 2 7 4 2 2 2 7", "1 2 5 2 6 5 2 4 2 5", "1", "1 2 2 2 2 2 2", "1 6 6 6 6 2 2 2 4 5"}},
    {6, 5, 0, 0,
     {"2 2 5 2 2 2 2 2 2 2 2 2 2 2", "2 2 5 2 2 5 2 2 2 5", "2", "2 2 2 2 2 2 2", "2 2 2 2 2 2 2 2 2 5"}},
    {19, 2, 0, 0,
     {"2 4 5 9 7 4 14 9 7 4 8 10 10 7", "2 11 5 11 6 5 15 4 12 5", "2", "2 16 17 18 13 13 8", "2 6 6 6 6 12 8 2 4 5"}},
    {9, 0, 0, 1,
     {"1 4 5 7 4 7 4 8 7", "1 5 6 5 4 5", "1", "1 8", "1 6 6 6 6 8 4 5"}},
    {9, 0, 1, 0,
     {"4 5 2 7 4 2 2 7 4 8 2 2 7", "2 5 2 6 5 2 4 2 5", "", "2 2 2 2 2 8", "6 6 6 6 2 8 2 4 5"}},
    {7, 6, 1, 1,
     {"", "6", "", "", "6 6 6 6"}},
};
static const long imdb_words = 88582 , imdb_tokens = 5942841 , imdb_numbers = 5967841 ;
static const uint32_t imdb_checksum = 1984711973u;
