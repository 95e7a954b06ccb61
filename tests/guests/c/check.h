// Counts expectations. Each is one line of a program: what is called, and what it has to answer. A line that does not
// come true is printed as `not ok LINE CALL: FOUND`, and the program ends with exit code 1. Knows no calls itself.
#ifndef CHECK_H
#define CHECK_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wunused-function"

static int checks, wrong;

// The call has to give this number.
#define IS(call, wanted) check_is(__LINE__, #call, (errno = 0, (long long)(call)), (long long)(wanted))
// The expression has to be true.
#define OK(call) check_true(__LINE__, #call, (errno = 0, !!(call)))
// The call has to give -1 and this error number.
#define FAILS(call, code) check_fails(__LINE__, #call, (errno = 0, (long long)(call)), code)
// The call has to give no pointer, and this error number.
#define NONE(call, code) check_fails(__LINE__, #call, (errno = 0, (call)) ? 0 : -1, code)
// The call has to give this text.
#define SAYS(call, wanted) check_text(__LINE__, #call, (errno = 0, (call)), wanted)

static void check_is(int line, const char *call, long long found, long long wanted) {
    int error = errno;
    checks++;
    if (found == wanted) return;
    wrong++;
    printf("not ok %d %s: %lld, not %lld (error %d, %s)\n", line, call, found, wanted, error, strerror(error));
}

static void check_true(int line, const char *call, int found) {
    int error = errno;
    checks++;
    if (found) return;
    wrong++;
    printf("not ok %d %s: is not so (error %d, %s)\n", line, call, error, strerror(error));
}

static void check_fails(int line, const char *call, long long found, int code) {
    int error = errno;
    checks++;
    if (found == -1 && error == code) return;
    wrong++;
    printf("not ok %d %s: %lld, error %d (%s), not %d (%s)\n", line, call, found, error, strerror(error), code, strerror(code));
}

static void check_text(int line, const char *call, const char *found, const char *wanted) {
    checks++;
    if (found && strcmp(found, wanted) == 0) return;
    wrong++;
    printf("not ok %d %s: %s, not %s\n", line, call, found ? found : "nothing", wanted);
}

// Says how it went, and gives the exit code.
static int checked(void) {
    if (wrong) return printf("%d of %d are wrong\n", wrong, checks), 1;
    return printf("ok %d\n", checks), 0;
}

#endif
