// Uses the world of wit/ by its canonical core signatures: sets each of its task's results from the param of the same
// name. What the host hands over lies in memory that `cabi_realloc` gave, and is this program's to free.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(interface, function) \
    __attribute__((import_module("stepwell:step/" interface "@0.1.0"), import_name(function)))

typedef struct { char *at; size_t length; } text;
typedef struct { text *at; size_t length; } texts;
typedef struct { uint8_t is_some; uint32_t of; text value; } maybe_value;
typedef struct { uint8_t is_err; uint8_t refusal; } answer;
typedef struct { uint8_t is_err; uint32_t mode; } mode_answer;

IMPORT("params", "names") void params_names(texts *names);
IMPORT("params", "get") void params_get(const char *name, size_t length, maybe_value *value);
IMPORT("results", "set")
void results_set(const char *name, size_t length, uint32_t of, const char *value, size_t size, answer *answer);
IMPORT("log", "write")
void log_write(uint32_t level, const char *message, size_t length, const text (*fields)[2], size_t count);
IMPORT("progress", "report")
void progress_report(const char *what, size_t length, uint32_t is_done, uint64_t done, uint32_t is_total, uint64_t total);
IMPORT("modes", "get-mode") void modes_get(const char *path, size_t length, uint32_t follow, mode_answer *answer);
IMPORT("modes", "set-mode") void modes_set(const char *path, size_t length, uint32_t follow, uint32_t mode, answer *answer);

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t size, size_t align, size_t wanted) {
    (void)size;
    (void)align;
    void *given = realloc(old, wanted);
    if (!given) abort();
    return given;
}

int main(int count, char **arguments) {
    texts names;
    params_names(&names);
    for (size_t n = 0; n < names.length; n++) {
        progress_report("params", 6, 1, n, 1, names.length);
        text name = names.at[n];
        maybe_value value;
        answer set;
        params_get(name.at, name.length, &value);
        if (!value.is_some) return 2;
        results_set(name.at, name.length, value.of, value.value.at, value.value.length, &set);
        if (set.is_err) return 3;
    }
    answer set;
    results_set("nothing", 7, 0, "x", 1, &set);
    if (set.is_err) {
        const char *why = set.refusal == 0 ? "not-declared" : "another";
        const char *argument = count > 1 ? arguments[1] : "";
        const text fields[2][2] = {{{"why", 3}, {(char *)why, strlen(why)}}, {{"argument", 8}, {(char *)argument, strlen(argument)}}};
        log_write(2, "refused", 7, fields, 2);
    }
    const char *path = "/tekton/results/text";
    mode_answer mode;
    modes_set(path, strlen(path), 1, 0750, &set);
    modes_get(path, strlen(path), 1, &mode);
    if (set.is_err || mode.is_err) return 4;
    char content[64];
    FILE *file = fopen(path, "r");
    if (!file || !fgets(content, sizeof content, file)) return 5;
    printf("%o %s %s\n", mode.mode, getenv("PWD"), content);
    return 0;
}
