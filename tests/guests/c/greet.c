// A C guest: prints its arguments and one environment variable, and copies a file when told to.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **words) {
    if (count == 4 && strcmp(words[1], "copy") == 0) {
        FILE *from = fopen(words[2], "rb");
        if (!from) {
            fprintf(stderr, "%s: %s\n", words[2], strerror(errno));
            return 1;
        }
        FILE *to = fopen(words[3], "wb");
        if (!to) {
            fprintf(stderr, "%s: %s\n", words[3], strerror(errno));
            return 1;
        }
        char block[4096];
        size_t length;
        while ((length = fread(block, 1, sizeof block, from)) > 0) fwrite(block, 1, length, to);
        return fclose(to) == 0 ? 0 : 1;
    }
    printf("C says:");
    for (int index = 1; index < count; index++) printf(" %s", words[index]);
    const char *name = getenv("NAME");
    printf("%s%s\n", name ? " to " : "", name ? name : "");
    return 0;
}
