// Files and folders by their POSIX functions, with every answer that they have: what is done, what is seen afterwards,
// and the error number of what is refused. Works in a folder `t` that it makes in the folder that is its argument, and
// removes it again. Knows nothing of WASI but what its libc has no word for; built for Linux it passes as well.
#define _GNU_SOURCE
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define NO_FD 99

// Leaves out what some hosts cannot go on after: a place beyond all numbers.
static int tame;

static char letters[4096];

// Makes a file that holds this text.
static void put(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    OK(fd >= 0);
    IS(write(fd, text, strlen(text)), strlen(text));
    IS(close(fd), 0);
}

// What a file holds.
static const char *get(const char *path) {
    memset(letters, 0, sizeof letters);
    int fd = open(path, O_RDONLY);
    if (fd < 0) return NULL;
    if (read(fd, letters, sizeof letters - 1) < 0) letters[0] = 0;
    close(fd);
    return letters;
}

static struct stat seen(const char *path) {
    struct stat found = {0};
    OK(stat(path, &found) == 0);
    return found;
}

// The names in a folder but `.` and `..`, joined in order.
static const char *names(const char *path) {
    struct dirent **found;
    int count = scandir(path, &found, NULL, alphasort);
    letters[0] = 0;
    for (int n = 0; n < count; n++) {
        if (found[n]->d_name[0] != '.') strcat(strcat(letters, letters[0] ? " " : ""), found[n]->d_name);
        free(found[n]);
    }
    if (count >= 0) free(found);
    return count < 0 ? NULL : letters;
}

static void opening(void) {
    int fd;
    FAILS(open("f", O_RDONLY), ENOENT);
    FAILS(open("f", O_WRONLY | O_TRUNC), ENOENT);
    FAILS(open("no/f", O_WRONLY | O_CREAT, 0666), ENOENT);
    OK((fd = open("f", O_WRONLY | O_CREAT | O_EXCL, 0666)) >= 0);
    IS(write(fd, "text", 4), 4);
    IS(close(fd), 0);
    FAILS(open("f", O_WRONLY | O_CREAT | O_EXCL, 0666), EEXIST);
    OK((fd = open("f", O_RDWR | O_CREAT, 0666)) >= 0);
    IS(seen("f").st_size, 4);
    IS(close(fd), 0);
    FAILS(close(fd), EBADF);
    OK((fd = open("f", O_RDWR | O_TRUNC)) >= 0);
    IS(seen("f").st_size, 0);
    IS(close(fd), 0);
    FAILS(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
    FAILS(open("f/", O_RDONLY), ENOTDIR);
    FAILS(open("f/x", O_RDONLY), ENOTDIR);
    FAILS(open("f/x", O_WRONLY | O_CREAT, 0666), ENOTDIR);
    FAILS(open("new/", O_WRONLY | O_CREAT, 0666), EISDIR);
    IS(mkdir("d", 0777), 0);
    FAILS(open("d", O_WRONLY), EISDIR);
    FAILS(open("d", O_RDWR), EISDIR);
    FAILS(open("d", O_RDONLY | O_CREAT, 0666), EISDIR);
    FAILS(open("d", O_WRONLY | O_TRUNC), EISDIR);
    FAILS(open("d", O_RDONLY | O_CREAT | O_EXCL, 0666), EEXIST);
    OK((fd = open("d", O_RDONLY)) >= 0);
    IS(close(fd), 0);
    OK((fd = open("d", O_RDONLY | O_DIRECTORY)) >= 0);
    FAILS(openat(fd, "x", O_RDONLY), ENOENT);
    FAILS(openat(fd, "", O_RDONLY), ENOENT);
    int file = openat(fd, "x", O_WRONLY | O_CREAT, 0666);
    OK(file >= 0);
    FAILS(openat(file, "y", O_RDONLY), ENOTDIR);
    IS(close(file), 0);
    IS(close(fd), 0);
    FAILS(openat(NO_FD, "x", O_RDONLY), EBADF);
    IS(symlink("f", "lf"), 0);
    IS(symlink("d", "ld"), 0);
    IS(symlink("nothing", "ln"), 0);
    OK((fd = open("lf", O_RDONLY)) >= 0);
    IS(close(fd), 0);
    FAILS(open("lf", O_RDONLY | O_NOFOLLOW), ELOOP);
    FAILS(open("ln", O_RDONLY), ENOENT);
    FAILS(open("ln", O_WRONLY | O_CREAT | O_EXCL, 0666), EEXIST);
    OK((fd = open("ln", O_WRONLY | O_CREAT, 0666)) >= 0);
    IS(close(fd), 0);
    IS(access("nothing", F_OK), 0);
    OK((fd = open("ld", O_RDONLY | O_DIRECTORY)) >= 0);
    IS(close(fd), 0);
    IS(unlink("nothing"), 0);
    IS(unlink("d/x"), 0);
}

static void reading_and_writing(void) {
    put("f", "0123456789");
    char bytes[16] = {0}, more[16] = {0};
    int fd = open("f", O_RDONLY);
    IS(read(fd, bytes, 4), 4);
    OK(memcmp(bytes, "0123", 4) == 0);
    IS(lseek(fd, 0, SEEK_CUR), 4);
    IS(pread(fd, bytes, 16, 7), 3);
    OK(memcmp(bytes, "789", 3) == 0);
    IS(lseek(fd, 0, SEEK_CUR), 4);
    IS(pread(fd, bytes, 16, 10), 0);
    IS(pread(fd, bytes, 16, 1000), 0);
    IS(read(fd, bytes, 0), 0);
    struct iovec two[2] = {{bytes, 3}, {more, 16}};
    IS(readv(fd, two, 2), 6);
    OK(memcmp(bytes, "456", 3) == 0 && memcmp(more, "789", 3) == 0);
    IS(read(fd, bytes, 16), 0);
    IS(preadv(fd, two, 2, 1), 9);
    OK(memcmp(bytes, "123", 3) == 0 && memcmp(more, "456789", 6) == 0);
    FAILS(write(fd, "x", 1), EBADF);
    FAILS(pwrite(fd, "x", 1, 0), EBADF);
    FAILS(pread(fd, bytes, 1, -1), EINVAL);
    IS(close(fd), 0);
    FAILS(read(fd, bytes, 1), EBADF);
    FAILS(write(fd, bytes, 1), EBADF);
    fd = open("f", O_WRONLY);
    FAILS(read(fd, bytes, 1), EBADF);
    FAILS(pread(fd, bytes, 1, 0), EBADF);
    IS(pwrite(fd, "ab", 2, 4), 2);
    IS(lseek(fd, 0, SEEK_CUR), 0);
    IS(write(fd, "c", 1), 1);
    SAYS(get("f"), "c123ab6789");
    struct iovec parts[3] = {{"de", 2}, {"", 0}, {"f", 1}};
    IS(writev(fd, parts, 3), 3);
    IS(pwritev(fd, parts, 3, 7), 3);
    SAYS(get("f"), "cdefab6def");
    IS(pwrite(fd, "z", 1, 12), 1);
    IS(seen("f").st_size, 13);
    FAILS(pwrite(fd, "x", 1, -1), EINVAL);
    IS(close(fd), 0);
    fd = open("d", O_RDONLY | O_DIRECTORY);
#ifdef __wasi__
    // WASI has bytes of files only.
    FAILS(read(fd, bytes, 1), EBADF);
#else
    FAILS(read(fd, bytes, 1), EISDIR);
#endif
    FAILS(write(fd, bytes, 1), EBADF);
    IS(close(fd), 0);
}

static void appending(void) {
    put("f", "one");
    int fd = open("f", O_RDWR | O_APPEND);
    OK(fcntl(fd, F_GETFL) & O_APPEND);
    IS(lseek(fd, 0, SEEK_CUR), 0);
    IS(write(fd, "two", 3), 3);
    IS(lseek(fd, 0, SEEK_CUR), 6);
    IS(lseek(fd, 0, SEEK_SET), 0);
    char bytes[4] = {0};
    IS(read(fd, bytes, 3), 3);
    SAYS(bytes, "one");
    IS(write(fd, "three", 5), 5);
    SAYS(get("f"), "onetwothree");
    // Another one adds to it meanwhile.
    int other = open("f", O_WRONLY | O_APPEND);
    IS(write(other, "4", 1), 1);
    IS(write(fd, "5", 1), 1);
    IS(close(other), 0);
    SAYS(get("f"), "onetwothree45");
    IS(fcntl(fd, F_SETFL, 0), 0);
    IS(fcntl(fd, F_GETFL) & O_APPEND, 0);
    IS(lseek(fd, 0, SEEK_SET), 0);
    IS(write(fd, "ONE", 3), 3);
    SAYS(get("f"), "ONEtwothree45");
    IS(fcntl(fd, F_SETFL, O_APPEND), 0);
    IS(write(fd, "6", 1), 1);
    SAYS(get("f"), "ONEtwothree456");
    IS(ftruncate(fd, 3), 0);
    IS(write(fd, "!", 1), 1);
    SAYS(get("f"), "ONE!");
    IS(close(fd), 0);
    OK((fd = open("f", O_WRONLY | O_APPEND | O_TRUNC)) >= 0);
    IS(write(fd, "new", 3), 3);
    SAYS(get("f"), "new");
    IS(close(fd), 0);
}

static void places_and_sizes(void) {
    put("f", "0123456789");
    int fd = open("f", O_RDWR);
    IS(lseek(fd, 3, SEEK_SET), 3);
    IS(lseek(fd, 3, SEEK_CUR), 6);
    IS(lseek(fd, -2, SEEK_CUR), 4);
    IS(lseek(fd, -1, SEEK_END), 9);
    IS(lseek(fd, 10, SEEK_END), 20);
    char byte;
    IS(read(fd, &byte, 1), 0);
    FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
    FAILS(lseek(fd, -100, SEEK_CUR), EINVAL);
    if (!tame) FAILS(lseek(fd, LLONG_MAX, SEEK_CUR), EINVAL);
    IS(lseek(fd, 0, SEEK_CUR), 20);
    FAILS(lseek(NO_FD, 0, SEEK_SET), EBADF);
    IS(write(fd, "x", 1), 1);
    IS(seen("f").st_size, 21);
    IS(pread(fd, &byte, 1, 15), 1);
    IS(byte, 0);
    IS(ftruncate(fd, 5), 0);
    IS(seen("f").st_size, 5);
    IS(lseek(fd, 0, SEEK_CUR), 21);
    IS(ftruncate(fd, 8), 0);
    IS(pread(fd, &byte, 1, 7), 1);
    IS(byte, 0);
    FAILS(ftruncate(fd, -1), EINVAL);
    FAILS(ftruncate(NO_FD, 0), EBADF);
    IS(posix_fallocate(fd, 0, 4), 0);
    IS(seen("f").st_size, 8);
    IS(posix_fallocate(fd, 4, 100), 0);
    IS(seen("f").st_size, 104);
    IS(posix_fallocate(fd, 0, 0), EINVAL);
    IS(posix_fallocate(fd, -1, 4), EINVAL);
    IS(posix_fallocate(NO_FD, 0, 4), EBADF);
    IS(posix_fadvise(fd, 0, 100, POSIX_FADV_NORMAL), 0);
    IS(posix_fadvise(fd, 0, 100, POSIX_FADV_SEQUENTIAL), 0);
    IS(posix_fadvise(fd, 0, 100, POSIX_FADV_RANDOM), 0);
    IS(posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED), 0);
    IS(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
    IS(posix_fadvise(fd, 0, 100, POSIX_FADV_NOREUSE), 0);
    IS(posix_fadvise(NO_FD, 0, 100, POSIX_FADV_NORMAL), EBADF);
    IS(fsync(fd), 0);
    IS(fdatasync(fd), 0);
    FAILS(fsync(NO_FD), EBADF);
    FAILS(fdatasync(NO_FD), EBADF);
    IS(close(fd), 0);
    fd = open("f", O_RDONLY);
    FAILS(ftruncate(fd, 0), EINVAL);
    IS(posix_fallocate(fd, 0, 4), EBADF);
    IS(close(fd), 0);
    IS(truncate("f", 2), 0);
    SAYS(get("f"), "01");
    FAILS(truncate("missing", 2), ENOENT);
    FAILS(truncate("d", 2), EISDIR);
}

static void listing(void) {
    IS(mkdir("many", 0777), 0);
    char path[32];
    for (int n = 0; n < 300; n++) {
        snprintf(path, sizeof path, "many/file-%03d", n);
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
        OK(fd >= 0 && close(fd) == 0);
    }
    IS(mkdir("many/folder", 0777), 0);
    IS(symlink("file-000", "many/link"), 0);
    int dots = 0, files = 0, folders = 0, links = 0, inodes = 0;
    DIR *dir = opendir("many");
    OK(dir != NULL);
    if (!dir) return;
    struct dirent *entry;
    long place = 0;
    char next[32] = "";
    for (int n = 0; (errno = 0, entry = readdir(dir)); n++) {
        struct stat found;
        dots += entry->d_name[0] == '.';
        files += entry->d_type == DT_REG;
        folders += entry->d_type == DT_DIR;
        links += entry->d_type == DT_LNK;
        if (fstatat(dirfd(dir), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) == 0) inodes += found.st_ino == entry->d_ino;
        if (n == 150) place = telldir(dir);
        if (n == 151) strcpy(next, entry->d_name);
    }
    IS(errno, 0);
    IS(dots, 2);
    IS(files, 300);
    IS(folders, 3);
    IS(links, 1);
    // That of `..` is another folder's.
    OK(inodes >= 303);
    seekdir(dir, place);
    entry = readdir(dir);
    SAYS(entry ? entry->d_name : NULL, next);
    // A listing that is begun again sees what is new.
    put("many/zz", "");
    rewinddir(dir);
    for (files = 0; (entry = readdir(dir));) files += entry->d_type == DT_REG;
    IS(files, 301);
    // What is listed is removed on the way.
    rewinddir(dir);
    for (files = 0; (entry = readdir(dir));) {
        if (entry->d_type == DT_DIR) continue;
        files += unlinkat(dirfd(dir), entry->d_name, 0) == 0;
    }
    IS(files, 302);
    // Places that move when names go would leave some.
    for (int again = 1; again;) {
        again = 0;
        rewinddir(dir);
        while ((entry = readdir(dir))) again |= entry->d_type != DT_DIR && unlinkat(dirfd(dir), entry->d_name, 0) == 0;
    }
    IS(closedir(dir), 0);
    SAYS(names("many"), "folder");
    IS(rmdir("many/folder"), 0);
    IS(rmdir("many"), 0);
    NONE(opendir("many"), ENOENT);
    NONE(opendir("f"), ENOTDIR);
    NONE(fdopendir(NO_FD), EBADF);
    dir = fdopendir(open("d", O_RDONLY | O_DIRECTORY));
    OK(dir && closedir(dir) == 0);
}

// `.` and `..` in the way, slashes behind, and names that no file can have.
static void paths(void) {
    static char name[300], path[6000];
    put("f", "f");
    SAYS(get("./f"), "f");
    SAYS(get("d/../f"), "f");
    SAYS(get("d//..///./f"), "f");
    SAYS(get("ld/../f"), "f");
    FAILS(open("missing/../f", O_RDONLY), ENOENT);
    FAILS(open("f/../f", O_RDONLY), ENOTDIR);
    FAILS(open("f/.", O_RDONLY), ENOTDIR);
    FAILS(access("f/", F_OK), ENOTDIR);
    IS(access("d/", F_OK), 0);
    IS(access("d/.", F_OK), 0);
    FAILS(mkdir("f/x", 0777), ENOTDIR);
    FAILS(unlink("f/"), ENOTDIR);
    memset(name, 'n', 255);
    OK(mkdir(name, 0777) == 0 && rmdir(name) == 0);
    name[255] = 'n';
    FAILS(mkdir(name, 0777), ENAMETOOLONG);
    FAILS(open(name, O_RDONLY), ENAMETOOLONG);
    FAILS(open(name, O_WRONLY | O_CREAT, 0666), ENAMETOOLONG);
    FAILS(symlink("f", name), ENAMETOOLONG);
    FAILS(rename("f", name), ENAMETOOLONG);
    FAILS(link("f", name), ENAMETOOLONG);
    FAILS(unlink(name), ENAMETOOLONG);
    FAILS(rmdir(name), ENAMETOOLONG);
    for (int n = 0; n < 5000; n += 2) memcpy(path + n, "d/", 2);
    FAILS(open(path, O_RDONLY), ENAMETOOLONG);
    FAILS(mkdir(path, 0777), ENAMETOOLONG);
    FAILS(access(path, F_OK), ENAMETOOLONG);
    for (int n = 0; n < 3000; n += 2) memcpy(path + n, "./", 2);
    strcpy(path + 3000, "f");
    IS(access(path, F_OK), 0);
#ifdef __wasi__
    // Names are Unicode.
    FAILS(mkdir("\xff", 0777), EILSEQ);
    FAILS(open("\xff", O_WRONLY | O_CREAT, 0666), EILSEQ);
#endif
    const char *strange[] = {" ", "a b", "...", "..x", "-", "*", "\\", "new\nline", "\x01", "é", "\xf0\x9f\xa6\x80", "x:y", "NUL"};
    for (unsigned n = 0; n < sizeof strange / sizeof *strange; n++) {
        put(strange[n], "strange");
        SAYS(get(strange[n]), "strange");
        IS(unlink(strange[n]), 0);
    }
}


int main(int count, char **words) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    tame = count > 2;
    OK(chdir(count > 1 ? words[1] : "/") == 0);
    IS(mkdir("t", 0777), 0);
    FAILS(mkdir("t", 0777), EEXIST);
    IS(chdir("t"), 0);
    opening();
    reading_and_writing();
    appending();
    places_and_sizes();
    listing();
    paths();
    SAYS(names("."), "d f ld lf ln");
    IS(unlink("ld") | unlink("lf") | unlink("ln") | unlink("f") | rmdir("d"), 0);
    IS(chdir(".."), 0);
    IS(rmdir("t"), 0);
    return checked();
}
