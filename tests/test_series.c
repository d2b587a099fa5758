/* Series: columns, gaps, scales and windows; the public ones with their counts. */
/* flags: -Wl,--wrap=malloc -Wl,--wrap=free */
#define WRAP_ALLOCATIONS
#include "reader_files.h"

#include <locale.h>
#include <math.h>

#include "series.h"

#define NEAR(a, b) assert_true(fabs((double)(a) - (double)(b)) < 1e-5)

static seqnn_series *series_of(const char *text, seqnn_series_options options)
{
    return seqnn_read_series(write_text("series.csv", text), options);
}

static void expect_failure(const char *text, seqnn_series_options options,
                           const char *part)
{
    if (series_of(text, options))
        fail_msg("'%s' is read", text);
    assert_error(part);
}

static void expect_values(const seqnn_series *s, const seqnn_real *expected)
{
    if (!s)
        fail_msg("%s", seqnn_error());
    for (seqnn_size i = 0; i < s->count * s->columns; i++)
        if (fabs((double)(s->values[i] - expected[i])) > 1e-5)
            fail_msg("value %td is %g, expected %g", i, (double)s->values[i],
                     (double)expected[i]);
}

static void test_columns(void **state)
{
    (void)state;
    static const char text[] = "\xEF\xBB\xBF\"Date Time\",\"p (mbar)\",T,\"wind, N\"\r\n"
                               "01.01.2009 00:10:00,996.52,-8.02,NW\r\n"
                               "01.01.2009 00:20:00, 996.57 ,1e1,SE\r\n";
    seqnn_series_options options = {0};
    seqnn_series *s = series_of(text, options);
    expect_values(s, (const seqnn_real[]){996.52f, -8.02f, 996.57f, 10});
    assert_int_equal(s->count, 2);
    assert_int_equal(s->columns, 2);
    assert_string_equal(s->names[0], "p (mbar)");
    assert_string_equal(s->names[1], "T");
    assert_string_equal(s->time[1], "01.01.2009 00:20:00");
    assert_int_equal(seqnn_series_column(s, "T"), 1);
    assert_int_equal(seqnn_series_column(s, "t"), -1);
    assert_error("no column 't' among its 2");
    seqnn_series_free(s);

    const char *chosen[] = {"T", NULL};
    options.columns = chosen;
    options.time_column = "wind, N";
    s = series_of(text, options);
    expect_values(s, (const seqnn_real[]){-8.02f, 10});
    assert_int_equal(s->columns, 1);
    assert_string_equal(s->time[0], "NW");
    seqnn_series_free(s);

    seqnn_series_options semicolons = {0};
    semicolons.separator = ';';
    s = series_of("a;b\n1;2\n3;4\n", semicolons);
    expect_values(s, (const seqnn_real[]){1, 2, 3, 4});
    assert_null(s->time);
    seqnn_series_free(s);
}

/* The memory is taken for rows as long as the first: shorter ones are more. */
static void test_rows_grow_short(void **state)
{
    (void)state;
    char text[1000] = "t,v\nthe beginning of the year,0000000000000000000000000000\n";
    for (int i = 1; i < 100; i++)
        snprintf(text + strlen(text), 10, "x%d,%d\n", i, i);
    seqnn_series_options options = {0};
    seqnn_series *series = seqnn_read_series(write_text("short.csv", text), options);
    assert_non_null(series);
    assert_int_equal(series->count, 100);
    for (int i = 0; i < 100; i++)
        assert_float_equal(series->values[i], (float)i, 0);
    assert_string_equal(series->time[0], "the beginning of the year");
    assert_string_equal(series->time[99], "x99");
    seqnn_series_free(series);
}

static void test_gaps(void **state)
{
    (void)state;
    static const char text[] = "t,a,b\nx,NA,1\nx,?,1\nx,2,1\nx,,-9999\nx,NaN,1\nx,8,1\n"
                               "x,nan,3\n";
    seqnn_series_options options = {0};
    options.missing = SEQNN_MISSING_CARRY;
    options.missing_value = -9999;
    seqnn_series *s = series_of(text, options);
    expect_values(s, (const seqnn_real[]){2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 8, 1, 8, 3});
    assert_int_equal(s->missing[0], 5);
    assert_int_equal(s->missing[1], 1);
    seqnn_series_free(s);
    options.missing = SEQNN_MISSING_INTERPOLATE;
    s = series_of(text, options);
    expect_values(s, (const seqnn_real[]){2, 1, 2, 1, 2, 1, 4, 1, 6, 1, 8, 1, 8, 3});
    seqnn_series_free(s);
    options.missing = SEQNN_MISSING_DEFAULT;
    expect_failure(text, options, ":2: no value in column 'a': say with .missing");
    options.missing = SEQNN_MISSING_CARRY;
    expect_failure("a,b\n1,NA\n2,\n", options, "the column 'b' has no value at all");
}

static void test_bad_series(void **state)
{
    (void)state;
    const char *columns[] = {"a", "c", NULL}, *twice[] = {"a", "a", NULL},
               *none[] = {NULL};
    seqnn_series_options options = {0}, named = {0};
    expect_failure("", options, "the file is empty");
    expect_failure("\n\n", options, "the file is empty");
    expect_failure("a,b\n", options, "no row below the header");
    expect_failure("a,b\nx,y\n", options, ":2: no number in the row");
    expect_failure("a,b\n1,2\n3,x4\n", options,
                   ":3: 'x4' in column 'b' is no finite number");
    expect_failure("a,b\n1,2\n3,inf\n", options, ":3: 'inf'");
    expect_failure("a,b\n1,2\n3,1e999\n", options, ":3: '1e999'");
    expect_failure("a,b\n1,2\n3,4 5\n", options, ":3: '4 5'");
    expect_failure("a,b\n1,2\n3\n", options, ":3: the row has 1 fields, expected 2");
    expect_failure("a,b\n1\n", options, ":2: the row has 1 fields, expected 2");
    expect_failure("a,b\n\"1,2\n", options, ":2: the quotation mark");
    named.columns = columns;
    expect_failure("a,b\n1,2\n", named, "no column 'c', the columns are: a, b");
    named.columns = twice;
    expect_failure("a,b\n1,2\n", named, "the column 'a' is named twice");
    named.columns = none;
    expect_failure("a,b\n1,2\n", named, "names no column");
    options.time_column = "t";
    expect_failure("a,b\n1,2\n", options, "no column 't'");
    const char *nul = write_bytes("nul.csv", "a\n1\0\n", 5);
    options.time_column = NULL;
    assert_null(seqnn_read_series(nul, options));
    assert_error("NUL");
    assert_null(seqnn_read_series(NULL, options));
    assert_null(seqnn_read_series(in_folder("nowhere"), options));
    assert_error("cannot be opened");
}

static void test_scales(void **state)
{
    (void)state;
    static const char text[] = "a,b,c\n1,5,7\n3,5,7\n5,5,9\n11,6,7\n";
    seqnn_series_options options = {0};
    seqnn_series *s = series_of(text, options), *other = series_of(text, options);
    assert_non_null(s);
    assert_non_null(other);
    assert_int_equal(seqnn_series_scale(s, SEQNN_STANDARDIZE, 5), SEQNN_ERROR_ARGUMENT);
    assert_int_equal(seqnn_series_scale(s, SEQNN_STANDARDIZE, 3), SEQNN_OK);
    double deviation = sqrt(8.0 / 3); /* of 1, 3, 5 */
    NEAR(s->values[0], -2 / deviation);
    NEAR(s->values[9], 8 / deviation);
    NEAR(s->values[1], 0); /* constant in the first three rows: shifted only */
    NEAR(s->values[10], 1);
    for (int i = 0; i < 12; i++)
        NEAR(seqnn_series_unscale(s, i % 3, s->values[i]), other->values[i]);
    assert_true(isnan(seqnn_series_unscale(s, 3, 0)));
    assert_int_equal(seqnn_series_scale(s, SEQNN_STANDARDIZE, 0), SEQNN_ERROR_ARGUMENT);
    assert_error("scaled already");
    assert_int_equal(seqnn_series_scale_like(other, s), SEQNN_OK);
    assert_memory_equal(other->values, s->values, 12 * sizeof(seqnn_real));
    seqnn_series_free(s);
    s = series_of("a,b\n1,2\n", options);
    assert_int_equal(seqnn_series_scale_like(s, other), SEQNN_ERROR_SHAPE);
    seqnn_series_free(s);
    seqnn_series_free(other);
    s = series_of(text, options);
    assert_int_equal(seqnn_series_scale(s, SEQNN_MIN_MAX, 0), SEQNN_OK);
    NEAR(s->values[0], 0);
    NEAR(s->values[3], 0.2);
    NEAR(s->values[9], 1);
    NEAR(seqnn_series_unscale(s, 0, (seqnn_real)0.5), 6);
    seqnn_series_free(s);
}

static void test_windows(void **state)
{
    (void)state;
    char text[2048] = "a,b\n";
    for (int i = 0; i < 20; i++)
        sprintf(text + strlen(text), "%d,%d\n", i, 100 + i);
    seqnn_series_options options = {0};
    seqnn_series *s = series_of(text, options);
    assert_non_null(s);
    seqnn_windows_options all = {0};
    seqnn_dataset *data = seqnn_series_windows(s, 5, all);
    assert_non_null(data);
    assert_int_equal(data->count, 15);
    assert_int_equal(data->x[0].time, 5);
    assert_int_equal(data->x[0].features, 2);
    assert_int_equal(data->y.time, 0);
    assert_int_equal(data->y.features, 2);
    for (int i = 0; i < 15; i++) {
        for (int t = 0; t < 5; t++) {
            NEAR(data->x[0].values[(i * 5 + t) * 2], i + t);
            NEAR(data->x[0].values[(i * 5 + t) * 2 + 1], 100 + i + t);
        }
        NEAR(data->y.values[2 * i], i + 5);
        NEAR(data->y.values[2 * i + 1], 105 + i);
    }
    seqnn_dataset_free(data);

    const char *b[] = {"b", NULL}, *a[] = {"a", NULL}, *none[] = {NULL},
               *no[] = {"c", NULL};
    seqnn_windows_options some = {0};
    some.inputs = b;
    some.targets = a;
    some.horizon = 2;
    some.gap = 3;
    some.stride = 4;
    some.begin = 2;
    some.end = 19;
    data = seqnn_series_windows(s, 3, some);
    assert_non_null(data);
    assert_int_equal(data->count, 3); /* rows 2 to 9, 6 to 13 and 10 to 17 */
    assert_int_equal(data->x[0].features, 1);
    assert_int_equal(data->y.features, 2);
    NEAR(data->x[0].values[3], 106);
    NEAR(data->y.values[4], 16);
    NEAR(data->y.values[5], 17);
    seqnn_dataset_free(data);

    some.end = 10;
    data = seqnn_series_windows(s, 3, some);
    assert_non_null(data);
    assert_int_equal(data->count, 1);
    seqnn_dataset_free(data);
    some.end = 9;
    assert_null(seqnn_series_windows(s, 3, some));
    assert_error("7 rows are too few for a window of 3 steps, a gap of 3 and 2 steps");
    some.end = 21;
    assert_null(seqnn_series_windows(s, 3, some));
    some.end = 0;
    assert_null(seqnn_series_windows(s, 0, some));
    assert_null(seqnn_series_windows(s, PTRDIFF_MAX, some));
    some.gap = PTRDIFF_MAX;
    assert_null(seqnn_series_windows(s, 3, some));
    assert_error("too few");
    all.inputs = none;
    assert_null(seqnn_series_windows(s, 3, all));
    assert_error("a list of columns is empty");
    all.inputs = no;
    assert_null(seqnn_series_windows(s, 3, all));
    assert_error("no column 'c'");
    assert_null(seqnn_series_windows(NULL, 3, all));
    seqnn_series_free(s);
}

static void test_any_locale(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"};
    const char *set = NULL;
    for (int i = 0; i < 3 && !set; i++)
        set = setlocale(LC_ALL, names[i]);
    if (!set)
        print_message("no locale with a decimal comma here\n");
    seqnn_series_options options = {0};
    seqnn_series *s = series_of("a\n1.5\n2.25\n", options);
    setlocale(LC_ALL, "C");
    expect_values(s, (const seqnn_real[]){1.5f, 2.25f});
    seqnn_series_free(s);
}

static bool read_and_cut(void)
{
    seqnn_series_options options = {0};
    seqnn_windows_options windows = {0};
    options.missing = SEQNN_MISSING_CARRY;
    seqnn_series *s = seqnn_read_series(in_folder("memory.csv"), options);
    seqnn_dataset *data = s ? seqnn_series_windows(s, 2, windows) : NULL;
    bool succeeded = data != NULL;
    seqnn_dataset_free(data);
    seqnn_series_free(s);
    return succeeded;
}

static void test_no_memory(void **state)
{
    (void)state;
    write_text("memory.csv", "t,a,b\nx,1,2\ny,NA,3\nz,3,4\n");
    each_allocation(read_and_cut, 15);
}

/* ---- the public sets ---- */

static void test_public_prsa(void **state)
{
    (void)state;
    char path[SEQNN_PATH_SIZE];
    public_file(path, "timeseries/PRSA_data_2010.1.1-2014.12.31.csv");
    seqnn_series_options options = {0};
    options.missing = SEQNN_MISSING_INTERPOLATE;
    seqnn_series *s = seqnn_read_series(path, options);
    assert_non_null(s);
    assert_int_equal(s->count, 43824);
    assert_int_equal(s->columns, 12); /* all but the direction of the wind */
    assert_int_equal(s->missing[seqnn_series_column(s, "pm2.5")], 2067);
    for (seqnn_size i = 0; i < s->columns; i++)
        if (strcmp(s->names[i], "pm2.5") != 0)
            assert_int_equal(s->missing[i], 0);
    seqnn_size year = seqnn_series_column(s, "year");
    NEAR(s->values[year], 2010);
    NEAR(s->values[(s->count - 1) * s->columns + year], 2014);
    seqnn_series_free(s);
    const char *columns[] = {"TEMP", "PRES", NULL};
    options.columns = columns;
    options.time_column = "No";
    options.missing = SEQNN_MISSING_DEFAULT;
    s = seqnn_read_series(path, options);
    assert_non_null(s);
    assert_string_equal(s->time[43823], "43824");
    NEAR(s->values[0], -11);
    NEAR(s->values[1], 1021);
    assert_int_equal(seqnn_series_scale(s, SEQNN_SCALING_DEFAULT, 30000), SEQNN_OK);
    seqnn_windows_options windows = {0};
    seqnn_dataset *data = seqnn_series_windows(s, 24, windows);
    assert_non_null(data);
    assert_int_equal(data->count, 43800);
    seqnn_dataset_free(data);
    seqnn_series_free(s);
}

static void test_public_small_ones(void **state)
{
    (void)state;
    char path[SEQNN_PATH_SIZE];
    seqnn_series_options options = {0};
    public_file(path, "timeseries/daily-min-temperatures.csv");
    seqnn_series *s = seqnn_read_series(path, options);
    assert_non_null(s);
    assert_int_equal(s->count, 3650);
    assert_int_equal(s->columns, 1);
    assert_string_equal(s->time[0], "1981-01-01");
    NEAR(s->values[0], 20.7);
    seqnn_series_free(s);
    public_file(path, "timeseries/AirPassengers.csv");
    s = seqnn_read_series(path, options);
    assert_non_null(s);
    assert_int_equal(s->count, 144);
    assert_int_equal(s->columns, 1);
    NEAR(s->values[0], 112);
    NEAR(s->values[143], 432);
    seqnn_series_free(s);
}

/* The set that comes with the library. */
static void test_bundled_weather(void **state)
{
    (void)state;
    const char *columns[] = {"TEMP", "IRRADIANCE", NULL};
    seqnn_series_options options = {0};
    options.columns = columns;
    options.missing = SEQNN_MISSING_INTERPOLATE;
    seqnn_series *s = seqnn_read_series("datasets/weather/weather.csv", options);
    assert_non_null(s);
    assert_int_equal(s->count, 365 * 24);
    assert_true(s->missing[0] + s->missing[1] > 0);
    seqnn_series_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),           cmocka_unit_test(test_rows_grow_short),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_bad_series),        cmocka_unit_test(test_scales),
        cmocka_unit_test(test_windows),           cmocka_unit_test(test_any_locale),
        cmocka_unit_test(test_no_memory),         cmocka_unit_test(test_public_prsa),
        cmocka_unit_test(test_public_small_ones), cmocka_unit_test(test_bundled_weather),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
