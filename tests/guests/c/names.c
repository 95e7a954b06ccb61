// The names of files by their POSIX functions: making, removing, renaming and linking them, and what is told of each:
// kind, size, names, times. Works in a folder `t` that it makes in the folder that is its argument, and removes it again.
// Knows nothing of WASI; built for Linux it passes as well.
#define _GNU_SOURCE
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#define NO_FD 99

static void put(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    OK(fd >= 0);
    IS(write(fd, text, strlen(text)), strlen(text));
    IS(close(fd), 0);
}

static const char *get(const char *path) {
    static char text[64];
    memset(text, 0, sizeof text);
    int fd = open(path, O_RDONLY);
    if (fd < 0) return NULL;
    if (read(fd, text, sizeof text - 1) < 0) text[0] = 0;
    close(fd);
    return text;
}

static const char *target(const char *path) {
    static char text[64];
    ssize_t length = readlink(path, text, sizeof text - 1);
    if (length < 0) return NULL;
    text[length] = 0;
    return text;
}

static struct stat seen(const char *path) {
    struct stat found = {0};
    OK(lstat(path, &found) == 0);
    return found;
}

static void statuses(void) {
    struct stat found, other;
    put("f", "text");
    IS(mkdir("d", 0777), 0);
    IS(symlink("f", "lf"), 0);
    IS(symlink("missing", "ln"), 0);
    IS(stat("f", &found), 0);
    OK(S_ISREG(found.st_mode));
    IS(found.st_size, 4);
    IS(found.st_nlink, 1);
    OK(found.st_ino != 0);
    IS(stat("lf", &other), 0);
    OK(other.st_ino == found.st_ino && other.st_dev == found.st_dev && S_ISREG(other.st_mode));
    IS(lstat("lf", &other), 0);
    OK(S_ISLNK(other.st_mode) && other.st_ino != found.st_ino);
    IS(other.st_size, 1);
    IS(stat("d", &other), 0);
    OK(S_ISDIR(other.st_mode) && other.st_ino != found.st_ino);
    OK(other.st_nlink >= 1);
    FAILS(stat("missing", &other), ENOENT);
    FAILS(stat("ln", &other), ENOENT);
    FAILS(stat("f/x", &other), ENOTDIR);
    IS(lstat("ln", &other), 0);
    FAILS(lstat("lf/", &other), ENOTDIR);
    int fd = open("f", O_RDONLY);
    IS(fstat(fd, &other), 0);
    OK(other.st_ino == found.st_ino && other.st_size == 4 && S_ISREG(other.st_mode));
    FAILS(fstatat(fd, "x", &other, 0), ENOTDIR);
    IS(close(fd), 0);
    FAILS(fstat(NO_FD, &other), EBADF);
    FAILS(fstatat(NO_FD, "f", &other, 0), EBADF);
    fd = open(".", O_RDONLY | O_DIRECTORY);
    FAILS(fstatat(fd, "", &other, 0), ENOENT);
    IS(fstatat(fd, "lf", &other, 0), 0);
    OK(S_ISREG(other.st_mode));
    IS(fstatat(fd, "lf", &other, AT_SYMLINK_NOFOLLOW), 0);
    OK(S_ISLNK(other.st_mode));
    IS(fstat(fd, &other), 0);
    OK(S_ISDIR(other.st_mode));
    IS(faccessat(fd, "d", F_OK, 0), 0);
    FAILS(faccessat(fd, "missing", F_OK, 0), ENOENT);
    IS(close(fd), 0);
    IS(access("f", F_OK), 0);
    IS(access("f", R_OK | W_OK), 0);
    IS(access("d", R_OK | W_OK | X_OK), 0);
    FAILS(access("f", 64), EINVAL);
    FAILS(access("missing", R_OK), ENOENT);
    FAILS(access("ln", F_OK), ENOENT);
    IS(unlink("f") | unlink("lf") | unlink("ln") | rmdir("d"), 0);
}

static void times(void) {
    put("f", "text");
    IS(mkdir("d", 0777), 0);
    IS(symlink("f", "lf"), 0);
    struct timespec both[2] = {{1000, 5000}, {2000, 7000}};
    int here = open(".", O_RDONLY | O_DIRECTORY);
    IS(utimensat(here, "f", both, 0), 0);
    IS(seen("f").st_mtim.tv_sec, 2000);
    IS(seen("f").st_mtim.tv_nsec, 7000);
    IS(seen("f").st_atim.tv_sec, 1000);
    IS(seen("f").st_atim.tv_nsec, 5000);
    struct timespec change[2] = {{0, UTIME_OMIT}, {3000, 0}};
    IS(utimensat(here, "f", change, 0), 0);
    IS(seen("f").st_mtim.tv_sec, 3000);
    IS(seen("f").st_atim.tv_sec, 1000);
    struct timespec use[2] = {{4000, 0}, {0, UTIME_OMIT}};
    IS(utimensat(here, "f", use, 0), 0);
    IS(seen("f").st_mtim.tv_sec, 3000);
    IS(seen("f").st_atim.tv_sec, 4000);
    struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
    IS(utimensat(here, "f", now, 0), 0);
    OK(seen("f").st_mtim.tv_sec > 5000);
    OK(seen("f").st_atim.tv_sec > 5000);
    IS(utimensat(here, "lf", both, AT_SYMLINK_NOFOLLOW), 0);
    IS(seen("lf").st_mtim.tv_sec, 2000);
    OK(seen("f").st_mtim.tv_sec > 5000);
    IS(utimensat(here, "lf", both, 0), 0);
    IS(seen("f").st_mtim.tv_sec, 2000);
    IS(utimensat(here, "d", both, 0), 0);
    IS(seen("d").st_mtim.tv_sec, 2000);
    IS(utimensat(here, "d", NULL, 0), 0);
    OK(seen("d").st_mtim.tv_sec > 5000);
    FAILS(utimensat(here, "missing", both, 0), ENOENT);
    FAILS(utimensat(here, "f/", both, 0), ENOTDIR);
    FAILS(utimensat(NO_FD, "f", both, 0), EBADF);
    struct timespec bad[2] = {{0, 1000000000}, {0, 0}};
    FAILS(utimensat(here, "f", bad, 0), EINVAL);
    IS(close(here), 0);
    int fd = open("f", O_RDWR);
    IS(futimens(fd, both), 0);
    struct stat found;
    IS(fstat(fd, &found), 0);
    IS(found.st_mtim.tv_sec, 2000);
    IS(found.st_atim.tv_sec, 1000);
    IS(futimens(fd, change), 0);
    IS(seen("f").st_atim.tv_sec, 1000);
    IS(seen("f").st_mtim.tv_sec, 3000);
    // Writing makes it new, and leaves when it was read.
    IS(write(fd, "more", 4), 4);
    OK(seen("f").st_mtim.tv_sec > 5000);
    IS(seen("f").st_atim.tv_sec, 1000);
    IS(close(fd), 0);
    FAILS(futimens(NO_FD, both), EBADF);
    struct utimbuf whole = {6000, 7000};
    IS(utime("f", &whole), 0);
    IS(seen("f").st_mtim.tv_sec, 7000);
    IS(utime("f", NULL), 0);
    OK(seen("f").st_mtim.tv_sec > 7000);
    IS(unlink("f") | unlink("lf") | rmdir("d"), 0);
}

// Whether one file was changed after another one.
static int newer(const char *one, const char *other) {
    struct timespec a = seen(one).st_mtim, b = seen(other).st_mtim;
    return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

static void order(void) {
    put("first", "1");
    // The clock that files are stamped with moves every few milliseconds.
    for (int wait = 0; wait < 50; wait++) usleep(1000);
    put("second", "2");
    OK(newer("second", "first"));
    OK(!newer("first", "second"));
    for (int wait = 0; wait < 50; wait++) usleep(1000);
    put("first", "3");
    OK(newer("first", "second"));
    IS(unlink("first") | unlink("second"), 0);
    // What was there before is older, and stays so when only its time of access is set.
    if (access("../before", F_OK) != 0) return;
    put("first", "1");
    OK(newer("first", "../before"));
    struct timespec use[2] = {{9000, 0}, {0, UTIME_OMIT}};
    struct stat old = seen("../before");
    IS(utimensat(AT_FDCWD, "../before", use, 0), 0);
    IS(seen("../before").st_atim.tv_sec, 9000);
    IS(seen("../before").st_mtim.tv_sec, old.st_mtim.tv_sec);
    IS(seen("../before").st_mtim.tv_nsec, old.st_mtim.tv_nsec);
    IS(seen("../before").st_ino, old.st_ino);
    IS(unlink("first"), 0);
}

static void removing(void) {
    put("f", "text");
    IS(mkdir("d", 0777), 0);
    IS(mkdir("d/e", 0777), 0);
    IS(symlink("f", "lf"), 0);
    IS(symlink("d", "ld"), 0);
    FAILS(rmdir("d"), ENOTEMPTY);
    FAILS(rmdir("f"), ENOTDIR);
    FAILS(rmdir("lf"), ENOTDIR);
    FAILS(rmdir("ld"), ENOTDIR);
    FAILS(rmdir("missing"), ENOENT);
    FAILS(rmdir("d/."), EINVAL);
    FAILS(rmdir("d/e/.."), ENOTEMPTY);
    FAILS(rmdir("f/x"), ENOTDIR);
    FAILS(unlink("d"), EISDIR);
    FAILS(unlink("missing"), ENOENT);
    FAILS(unlink("f/x"), ENOTDIR);
    FAILS(unlink("ld/"), ENOTDIR);
    int fd = open(".", O_RDONLY | O_DIRECTORY);
    FAILS(unlinkat(fd, "d", 0), EISDIR);
    FAILS(unlinkat(fd, "f", AT_REMOVEDIR), ENOTDIR);
    FAILS(unlinkat(NO_FD, "f", 0), EBADF);
    FAILS(unlinkat(fd, "", 0), ENOENT);
    FAILS(unlinkat(fd, "", AT_REMOVEDIR), ENOENT);
    FAILS(unlinkat(fd, ".", AT_REMOVEDIR), EINVAL);
    FAILS(mkdirat(fd, "d", 0777), EEXIST);
    FAILS(mkdirat(fd, "f", 0777), EEXIST);
    FAILS(mkdirat(fd, "lf", 0777), EEXIST);
    FAILS(mkdirat(fd, "no/d", 0777), ENOENT);
    FAILS(mkdirat(NO_FD, "x", 0777), EBADF);
    IS(mkdirat(fd, "slash/", 0777), 0);
    IS(unlinkat(fd, "slash/", AT_REMOVEDIR), 0);
    IS(unlinkat(fd, "d/e", AT_REMOVEDIR), 0);
    IS(close(fd), 0);
    IS(unlink("lf"), 0);
    SAYS(get("f"), "text");
    IS(unlink("ld"), 0);
    IS(access("d", F_OK), 0);
    // An open file is there without its name.
    char bytes[8] = {0};
    OK((fd = open("f", O_RDWR)) >= 0);
    IS(unlink("f"), 0);
    FAILS(access("f", F_OK), ENOENT);
    IS(read(fd, bytes, 8), 4);
    IS(write(fd, "!", 1), 1);
    struct stat found;
    IS(fstat(fd, &found), 0);
    IS(found.st_nlink, 0);
    IS(found.st_size, 5);
    IS(close(fd), 0);
    // So is an open folder, but nothing can be made in it.
    OK((fd = open("d", O_RDONLY | O_DIRECTORY)) >= 0);
    IS(rmdir("d"), 0);
    FAILS(openat(fd, "x", O_WRONLY | O_CREAT, 0666), ENOENT);
    FAILS(mkdirat(fd, "x", 0777), ENOENT);
    IS(close(fd), 0);
    put("f", "");
    IS(mkdir("d", 0777), 0);
    IS(remove("f"), 0);
    IS(remove("d"), 0);
    FAILS(remove("d"), ENOENT);
}

static void renaming(void) {
    struct stat before, after;
    put("f", "f");
    put("g", "g");
    IS(mkdir("d", 0777) | mkdir("full", 0777) | mkdir("full/sub", 0777), 0);
    IS(symlink("f", "lf"), 0);
    IS(stat("f", &before), 0);
    IS(rename("f", "new"), 0);
    IS(stat("new", &after), 0);
    OK(before.st_ino == after.st_ino);
    FAILS(access("f", F_OK), ENOENT);
    IS(rename("new", "g"), 0);
    SAYS(get("g"), "f");
    IS(rename("g", "d/f"), 0);
    IS(rename("d/f", "f"), 0);
    IS(rename("f", "f"), 0);
    FAILS(rename("missing", "x"), ENOENT);
    FAILS(rename("f", "no/x"), ENOENT);
    FAILS(rename("f", "d"), EISDIR);
    FAILS(rename("d", "f"), ENOTDIR);
    FAILS(rename("f/x", "y"), ENOTDIR);
    FAILS(rename("f", "f/x"), ENOTDIR);
    FAILS(rename("f/", "y"), ENOTDIR);
    FAILS(rename("f", "y/"), ENOTDIR);
    FAILS(rename("d", "full"), ENOTEMPTY);
    FAILS(rename("full", "full/sub/x"), EINVAL);
    FAILS(rename("full", "full/sub"), EINVAL);
    FAILS(rename("full/sub", "full"), ENOTEMPTY);
    FAILS(rename("d/.", "x"), EBUSY);
    FAILS(rename("d", "full/."), EBUSY);
    IS(rename("full", "d"), 0);
    IS(access("d/sub", F_OK), 0);
    FAILS(access("full", F_OK), ENOENT);
    IS(rename("d/", "full/"), 0);
    IS(rename("lf", "moved"), 0);
    SAYS(target("moved"), "f");
    IS(rename("f", "moved"), 0);
    SAYS(get("moved"), "f");
    // What is open goes with its name.
    int dir = open("full", O_RDONLY | O_DIRECTORY), here = open(".", O_RDONLY | O_DIRECTORY);
    IS(rename("full", "away"), 0);
    IS(mkdirat(dir, "inside", 0777), 0);
    IS(access("away/inside", F_OK), 0);
    IS(renameat(here, "moved", dir, "f"), 0);
    SAYS(get("away/f"), "f");
    FAILS(renameat(dir, "g", here, "g"), ENOENT);
    FAILS(renameat(NO_FD, "g", here, "g"), EBADF);
    FAILS(renameat(here, ".", here, "x"), EBUSY);
    FAILS(renameat(here, "", here, "x"), ENOENT);
    FAILS(renameat(here, "d", here, ""), ENOENT);
    FAILS(renameat(here, "g", NO_FD, "g"), EBADF);
    IS(close(dir) | close(here), 0);
    IS(unlink("away/f") | rmdir("away/inside") | rmdir("away/sub") | rmdir("away"), 0);
}

static void linking(void) {
    char text[8] = {0};
    put("f", "f");
    IS(mkdir("d", 0777), 0);
    IS(symlink("f", "lf"), 0);
    IS(symlink("d", "ld"), 0);
    IS(symlink("loop", "loop"), 0);
    IS(symlink("two", "one"), 0);
    IS(symlink("one", "two"), 0);
    SAYS(target("lf"), "f");
    IS(readlink("lf", text, 8), 1);
    IS(readlink("loop", text, 2), 2);
    OK(memcmp(text, "lo", 2) == 0);
    FAILS(readlink("f", text, 8), EINVAL);
    FAILS(readlink("d", text, 8), EINVAL);
    FAILS(readlink("missing", text, 8), ENOENT);
    FAILS(readlink("f/x", text, 8), ENOTDIR);
    FAILS(readlinkat(NO_FD, "lf", text, 8), EBADF);
    FAILS(symlink("x", "f"), EEXIST);
    FAILS(symlink("x", "d"), EEXIST);
    FAILS(symlink("x", "lf"), EEXIST);
    FAILS(symlink("x", "no/l"), ENOENT);
    FAILS(symlink("x", "f/l"), ENOTDIR);
    FAILS(symlink("", "l"), ENOENT);
    FAILS(symlinkat("x", NO_FD, "l"), EBADF);
    FAILS(open("loop", O_RDONLY), ELOOP);
    FAILS(open("one", O_RDONLY), ELOOP);
    FAILS(open("one/x", O_RDONLY), ELOOP);
    FAILS(access("loop", F_OK), ELOOP);
    FAILS(mkdir("loop/x", 0777), ELOOP);
    FAILS(mkdir("loop", 0777), EEXIST);
    put("ld/x", "through");
    SAYS(get("d/x"), "through");
    IS(symlink("../f", "d/up"), 0);
    SAYS(get("d/up"), "f");
    IS(link("f", "hard"), 0);
    IS(seen("f").st_nlink, 2);
    OK(seen("f").st_ino == seen("hard").st_ino);
    put("hard", "both");
    SAYS(get("f"), "both");
    FAILS(link("f", "hard"), EEXIST);
    FAILS(link("f", "d"), EEXIST);
    FAILS(link("missing", "x"), ENOENT);
    FAILS(link("f", "no/x"), ENOENT);
    FAILS(link("f/x", "y"), ENOTDIR);
    FAILS(link("f/", "y"), ENOTDIR);
    FAILS(link("d", "y"), EPERM);
    FAILS(linkat(NO_FD, "f", NO_FD, "y", 0), EBADF);
    // Two names of one file: nothing happens.
    IS(rename("hard", "f"), 0);
    IS(access("hard", F_OK), 0);
    IS(unlink("f"), 0);
    IS(seen("hard").st_nlink, 1);
    SAYS(get("hard"), "both");
    // A link is given a second name itself.
    IS(link("lf", "lf2"), 0);
    SAYS(target("lf2"), "f");
    char whole[4096];
    IS(symlink("hard", "f"), 0);
    SAYS(realpath("ld/../lf", whole) ? strrchr(whole, '/') : NULL, "/hard");
    NONE(realpath("missing", whole), ENOENT);
    NONE(realpath("loop", whole), ELOOP);
    IS(unlink("d/x") | unlink("d/up") | unlink("hard") | unlink("lf2") | unlink("lf") | unlink("ld") | unlink("f"), 0);
    IS(unlink("loop") | unlink("one") | unlink("two") | rmdir("d"), 0);
}

int main(int count, char **words) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    OK(chdir(count > 1 ? words[1] : "/") == 0);
    IS(mkdir("t", 0777), 0);
    IS(chdir("t"), 0);
    statuses();
    times();
    order();
    removing();
    renaming();
    linking();
    IS(chdir(".."), 0);
    IS(rmdir("t"), 0);
    return checked();
}
