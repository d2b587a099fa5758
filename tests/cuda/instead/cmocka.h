/* Of cmocka what the tests of this folder use, in C++, for a machine with a GPU and without
 * that library, where nothing is to be installed. Reports in TAP. */
#ifndef CMOCKA_INSTEAD_H
#define CMOCKA_INSTEAD_H

extern "C++" {
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

struct CMUnitTest {
    const char *name;
    void (*run)(void **state);
};
#define cmocka_unit_test(test) CMUnitTest{#test, test}

struct cmocka_skipped {};

[[noreturn]] static inline void cmocka_fail(const char *file, int line, const char *format, ...)
{
    char text[600];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + text);
}

template <class A, class B>
static void cmocka_compare(const char *file, int line, const char *what, A a, B b, bool same)
{
    if (((long long)a == (long long)b) != same)
        cmocka_fail(file, line, "%s: %lld and %lld", what, (long long)a, (long long)b);
}

#define fail_msg(...) cmocka_fail(__FILE__, __LINE__, __VA_ARGS__)
#define fail() fail_msg("failed")
#define skip() throw cmocka_skipped()
#define print_message(...) printf(__VA_ARGS__)
#define assert_true(c) ((c) ? (void)0 : fail_msg("%s", #c))
#define assert_false(c) ((c) ? fail_msg("not %s", #c) : (void)0)
#define assert_null(p) assert_true((p) == NULL)
#define assert_non_null(p) assert_true((p) != NULL)
#define assert_int_equal(a, b) cmocka_compare(__FILE__, __LINE__, #a ", " #b, (a), (b), true)
#define assert_int_not_equal(a, b)                                                       \
    cmocka_compare(__FILE__, __LINE__, #a ", " #b, (a), (b), false)
#define assert_string_equal(a, b)                                                        \
    (strcmp((a), (b)) == 0 ? (void)0 : fail_msg("'%s' and '%s'", (a), (b)))
#define assert_string_not_equal(a, b)                                                    \
    (strcmp((a), (b)) != 0 ? (void)0 : fail_msg("'%s' twice", (a)))
#define assert_memory_equal(a, b, size)                                                  \
    (memcmp((a), (b), (size)) == 0 ? (void)0 : fail_msg("%s and %s differ", #a, #b))

static int cmocka_run(const CMUnitTest *tests, int count)
{
    int failed = 0;
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        std::string message, comment;
        try {
            tests[i].run(NULL);
        } catch (const cmocka_skipped &) {
            comment = " # SKIP";
        } catch (const std::exception &wrong) {
            message = wrong.what();
        }
        failed += !message.empty();
        printf("%sok %d - %s%s\n", message.empty() ? "" : "not ", i + 1, tests[i].name,
               comment.c_str());
        if (!message.empty())
            printf("# %s\n", message.c_str());
        fflush(stdout);
    }
    return failed;
}

#define cmocka_run_group_tests(tests, setup, teardown)                                   \
    cmocka_run(tests, (int)(sizeof(tests) / sizeof((tests)[0])))
}

#endif
