// What `wasi_snapshot_preview1` has and wasi-libc does not reach, by its own functions: rights, numbers of handles, waits,
// listings into little room, sockets that are none, flags that say nothing. `raw tame` leaves out what some hosts end a
// program for: numbers that mean nothing. Works in a folder `t` of the folder that is its first argument.
#include "check.h"

#include <stdlib.h>
#include <wasi/api.h>

#define NO_FD 99
#define READ __WASI_RIGHTS_FD_READ
#define WRITE __WASI_RIGHTS_FD_WRITE
#define SIZE __WASI_RIGHTS_FD_FILESTAT_SET_SIZE
#define MORE (__WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL | __WASI_RIGHTS_FD_FILESTAT_GET | __WASI_RIGHTS_POLL_FD_READWRITE)
#define ALL (~(__wasi_rights_t)0 >> 35)

__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_raise"))) int proc_raise(int signal);

static int wild;
static __wasi_fd_t here;

// Opens what is in the folder, or gives -1 and the error number.
static int open_with(const char *path, __wasi_oflags_t how, __wasi_rights_t rights, __wasi_fdflags_t flags) {
    __wasi_fd_t fd;
    errno = __wasi_path_open(here, 0, path, how, rights, ALL, flags, &fd);
    return errno ? -1 : (int)fd;
}

static int write_text(__wasi_fd_t fd, const char *text) {
    __wasi_ciovec_t one = {(const uint8_t *)text, strlen(text)};
    __wasi_size_t written;
    return __wasi_fd_write(fd, &one, 1, &written);
}

static int read_some(__wasi_fd_t fd) {
    uint8_t bytes[16];
    __wasi_iovec_t one = {bytes, sizeof bytes};
    __wasi_size_t length;
    return __wasi_fd_read(fd, &one, 1, &length);
}

static void preopens(void) {
    __wasi_prestat_t found;
    uint8_t name[64];
    IS(__wasi_fd_prestat_get(3, &found), 0);
    IS(found.tag, __WASI_PREOPENTYPE_DIR);
    IS(found.u.dir.pr_name_len, 1);
    IS(__wasi_fd_prestat_dir_name(3, name, 1), 0);
    IS(name[0], '/');
    IS(__wasi_fd_prestat_dir_name(3, name, 0), __WASI_ERRNO_NAMETOOLONG);
    IS(__wasi_fd_prestat_get(0, &found), __WASI_ERRNO_BADF);
    IS(__wasi_fd_prestat_get(here, &found), __WASI_ERRNO_BADF);
    IS(__wasi_fd_prestat_get(NO_FD, &found), __WASI_ERRNO_BADF);
    IS(__wasi_fd_prestat_dir_name(NO_FD, name, 1), __WASI_ERRNO_BADF);
}

static void rights(void) {
    __wasi_fdstat_t found;
    int fd = open_with("f", __WASI_OFLAGS_CREAT, READ | WRITE | SIZE | MORE, 0);
    IS(__wasi_fd_fdstat_get(fd, &found), 0);
    IS(found.fs_filetype, __WASI_FILETYPE_REGULAR_FILE);
    OK((found.fs_rights_base & (READ | WRITE | MORE)) == (READ | WRITE | MORE));
    IS(write_text(fd, "some text"), 0);
    IS(__wasi_fd_fdstat_set_rights(fd, READ | MORE, 0), 0);
    IS(__wasi_fd_fdstat_get(fd, &found), 0);
    OK(found.fs_rights_base == (READ | MORE));
    IS(__wasi_fd_fdstat_set_rights(fd, READ | WRITE | MORE, 0), __WASI_ERRNO_NOTCAPABLE);
    IS(write_text(fd, "more"), __WASI_ERRNO_BADF);
    IS(read_some(fd), 0);
    IS(__wasi_fd_fdstat_set_rights(fd, READ, 0), 0);
    __wasi_filesize_t place;
    __wasi_filestat_t stat;
    IS(__wasi_fd_seek(fd, 1, __WASI_WHENCE_SET, &place), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_tell(fd, &place), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_sync(fd), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_datasync(fd), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_filestat_get(fd, &stat), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_filestat_set_times(fd, 1, 1, __WASI_FSTFLAGS_MTIM), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_fdstat_set_flags(fd, __WASI_FDFLAGS_APPEND), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_fdstat_set_rights(NO_FD, 0, 0), __WASI_ERRNO_BADF);
    IS(__wasi_fd_close(fd), 0);
    __wasi_fd_t dir;
    IS(__wasi_path_open(here, 0, ".", __WASI_OFLAGS_DIRECTORY, 0, ALL, 0, &dir), 0);
    IS(__wasi_fd_fdstat_get(dir, &found), 0);
    IS(found.fs_filetype, __WASI_FILETYPE_DIRECTORY);
    OK((found.fs_rights_base & (READ | WRITE | __WASI_RIGHTS_FD_SEEK)) == 0);
    __wasi_rights_t less = found.fs_rights_base & ~(__WASI_RIGHTS_PATH_CREATE_FILE | __WASI_RIGHTS_PATH_FILESTAT_SET_SIZE |
        __WASI_RIGHTS_PATH_CREATE_DIRECTORY | __WASI_RIGHTS_FD_READDIR | __WASI_RIGHTS_PATH_UNLINK_FILE);
    IS(__wasi_fd_fdstat_set_rights(dir, less, found.fs_rights_inheriting & ~WRITE), 0);
    __wasi_fd_t file;
    uint8_t bytes[64];
    __wasi_size_t used;
    IS(__wasi_path_open(dir, 0, "f", 0, READ, 0, 0, &file), 0);
    IS(__wasi_fd_close(file), 0);
    IS(__wasi_path_open(dir, 0, "f", 0, READ | WRITE, 0, 0, &file), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_path_open(dir, 0, "new", __WASI_OFLAGS_CREAT, READ, 0, 0, &file), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_path_open(dir, 0, "f", __WASI_OFLAGS_TRUNC, READ, 0, 0, &file), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_path_create_directory(dir, "d"), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_path_unlink_file(dir, "f"), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_readdir(dir, bytes, sizeof bytes, 0, &used), __WASI_ERRNO_NOTCAPABLE);
    IS(__wasi_fd_close(dir), 0);
}

static void numbers(void) {
    int a = open_with("f", 0, READ | MORE, 0), b = open_with("f", 0, WRITE | MORE, 0);
    OK(a > 2 && b > 2 && a != b);
    IS(__wasi_fd_renumber(a, a), 0);
    IS(__wasi_fd_renumber(a, b), 0);
    IS(read_some(b), 0);
    IS(write_text(b, "x"), __WASI_ERRNO_BADF);
    IS(read_some(a), __WASI_ERRNO_BADF);
    IS(__wasi_fd_renumber(a, b), __WASI_ERRNO_BADF);
    IS(__wasi_fd_renumber(b, NO_FD), __WASI_ERRNO_BADF);
    IS(__wasi_fd_renumber(NO_FD, b), __WASI_ERRNO_BADF);
    // The lowest number that is free is given next.
    IS(open_with("f", 0, READ, 0), a);
    IS(__wasi_fd_close(a), 0);
    IS(__wasi_fd_close(b), 0);
    IS(__wasi_fd_close(b), __WASI_ERRNO_BADF);
    IS(__wasi_fd_close(NO_FD), __WASI_ERRNO_BADF);
}

static void listings(void) {
    static const char *made[] = {"a", "bb", "a-long-name-that-does-not-fit-into-little-room-at-all", "c"};
    __wasi_fd_t dir;
    IS(__wasi_path_create_directory(here, "d"), 0);
    IS(__wasi_path_open(here, 0, "d", __WASI_OFLAGS_DIRECTORY, __WASI_RIGHTS_FD_READDIR, ALL, 0, &dir), 0);
    for (int n = 0; n < 4; n++) {
        __wasi_fd_t file;
        IS(__wasi_path_open(dir, 0, made[n], __WASI_OFLAGS_CREAT, WRITE, 0, 0, &file), 0);
        IS(__wasi_fd_close(file), 0);
    }
    uint8_t bytes[100];
    __wasi_size_t used;
    // One entry at a time, each found by the place of the one before.
    __wasi_dircookie_t place = 0;
    int found = 0, known = 0;
    for (;;) {
        __wasi_dirent_t entry;
        IS(__wasi_fd_readdir(dir, bytes, sizeof bytes, place, &used), 0);
        if (used < sizeof entry || found > 10) break;
        memcpy(&entry, bytes, sizeof entry);
        OK(sizeof entry + entry.d_namlen <= used);
        OK(entry.d_next != place);
        for (int n = 0; n < 4; n++) {
            known += strlen(made[n]) == entry.d_namlen && memcmp(bytes + sizeof entry, made[n], entry.d_namlen) == 0;
        }
        place = entry.d_next;
        found++;
    }
    IS(known, 4);
    OK(found == 6 || found == 4);
    IS(used, 0);
    // Full room says that there may be more.
    IS(__wasi_fd_readdir(dir, bytes, 30, 0, &used), 0);
    IS(used, 30);
    IS(__wasi_fd_readdir(dir, bytes, 0, 0, &used), 0);
    IS(used, 0);
    IS(__wasi_fd_readdir(NO_FD, bytes, 30, 0, &used), __WASI_ERRNO_BADF);
    for (int n = 0; n < 4; n++) IS(__wasi_path_unlink_file(dir, made[n]), 0);
    IS(__wasi_fd_close(dir), 0);
    IS(__wasi_path_remove_directory(here, "d"), 0);
}

// A folder that was opened is not left by what a program says, only by its links.
static void paths(void) {
    FAILS(open_with("/t/f", 0, READ, 0), __WASI_ERRNO_PERM);
    FAILS(open_with("..", __WASI_OFLAGS_DIRECTORY, 0, 0), __WASI_ERRNO_PERM);
    FAILS(open_with("../t/f", 0, READ, 0), __WASI_ERRNO_PERM);
    FAILS(open_with("f/../../t/f", 0, READ, 0), __WASI_ERRNO_NOTDIR);
    FAILS(open_with("./../t/f", 0, READ, 0), __WASI_ERRNO_PERM);
    IS(__wasi_path_create_directory(here, "../x"), __WASI_ERRNO_PERM);
    IS(__wasi_path_create_directory(here, "/x"), __WASI_ERRNO_PERM);
    IS(__wasi_path_rename(here, "f", here, "../x"), __WASI_ERRNO_PERM);
    IS(__wasi_path_rename(here, "../x", here, "y"), __WASI_ERRNO_PERM);
    IS(__wasi_path_symlink("/", here, "root"), 0);
    IS(__wasi_path_symlink("..", here, "above"), 0);
    __wasi_filestat_t found;
    IS(__wasi_path_filestat_get(here, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, "root", &found), 0);
    IS(found.filetype, __WASI_FILETYPE_DIRECTORY);
    IS(__wasi_path_filestat_get(here, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, "above/t/f", &found), 0);
    IS(found.filetype, __WASI_FILETYPE_REGULAR_FILE);
    IS(__wasi_path_unlink_file(here, "root"), 0);
    IS(__wasi_path_unlink_file(here, "above"), 0);
    IS(__wasi_path_link(here, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, "f", here, "g"), __WASI_ERRNO_INVAL);
    FAILS(open_with("x", __WASI_OFLAGS_CREAT | __WASI_OFLAGS_DIRECTORY, READ, 0), __WASI_ERRNO_INVAL);
    IS(__wasi_path_filestat_set_times(here, 0, "f", 1, 1, __WASI_FSTFLAGS_MTIM | __WASI_FSTFLAGS_MTIM_NOW), __WASI_ERRNO_INVAL);
    IS(__wasi_path_filestat_set_times(here, 0, "f", 1, 1, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_ATIM_NOW), __WASI_ERRNO_INVAL);
    IS(__wasi_path_filestat_set_times(here, 0, "f", 1000, 2000, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM), 0);
    IS(__wasi_path_filestat_set_times(here, 0, "f", 5, 3000, __WASI_FSTFLAGS_MTIM), 0);
    IS(__wasi_path_filestat_get(here, 0, "f", &found), 0);
    IS(found.atim, 1000);
    IS(found.mtim, 3000);
    IS(__wasi_path_filestat_set_times(here, 0, "f", 5, 5, 0), 0);
    if (!wild) return;
    FAILS(open_with("f", 16, READ, 0), __WASI_ERRNO_INVAL);
    FAILS(open_with("f", 0, READ, 32), __WASI_ERRNO_INVAL);
    IS(__wasi_path_filestat_get(here, 2, "f", &found), __WASI_ERRNO_INVAL);
    IS(__wasi_path_filestat_set_times(here, 0, "f", 1, 1, 16), __WASI_ERRNO_INVAL);
    IS(__wasi_fd_advise(here, 0, 0, 6), __WASI_ERRNO_INVAL);
}

static __wasi_subscription_t timer(uint64_t name, __wasi_clockid_t clock, uint64_t time, int absolute) {
    __wasi_subscription_t one = {.userdata = name, .u.tag = __WASI_EVENTTYPE_CLOCK};
    one.u.u.clock.id = clock;
    one.u.u.clock.timeout = time;
    one.u.u.clock.flags = absolute ? __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME : 0;
    return one;
}

static __wasi_subscription_t handle(uint64_t name, int writing, __wasi_fd_t fd) {
    __wasi_subscription_t one = {.userdata = name};
    one.u.tag = writing ? __WASI_EVENTTYPE_FD_WRITE : __WASI_EVENTTYPE_FD_READ;
    one.u.u.fd_read.file_descriptor = fd;
    return one;
}

static void waits(void) {
    __wasi_event_t events[4];
    __wasi_size_t count;
    __wasi_timestamp_t before, after, wall;
    IS(__wasi_poll_oneoff(NULL, events, 0, &count), __WASI_ERRNO_INVAL);
    IS(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &before), 0);
    __wasi_subscription_t one = timer(7, __WASI_CLOCKID_MONOTONIC, 5000000, 0);
    IS(__wasi_poll_oneoff(&one, events, 1, &count), 0);
    IS(count, 1);
    IS(events[0].userdata, 7);
    IS(events[0].error, 0);
    IS(events[0].type, __WASI_EVENTTYPE_CLOCK);
    IS(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &after), 0);
    OK(after - before >= 5000000);
    one = timer(8, __WASI_CLOCKID_MONOTONIC, after + 3000000, 1);
    IS(__wasi_poll_oneoff(&one, events, 1, &count), 0);
    IS(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &before), 0);
    OK(before >= after + 3000000);
    IS(__wasi_clock_time_get(__WASI_CLOCKID_REALTIME, 1, &wall), 0);
    one = timer(9, __WASI_CLOCKID_REALTIME, wall + 3000000, 1);
    IS(__wasi_poll_oneoff(&one, events, 1, &count), 0);
    IS(events[0].userdata, 9);
    IS(__wasi_clock_time_get(__WASI_CLOCKID_REALTIME, 1, &after), 0);
    OK(after >= wall + 3000000);
    // The one that is over first is told.
    __wasi_subscription_t two[2] = {timer(1, __WASI_CLOCKID_MONOTONIC, 60000000000, 0), timer(2, __WASI_CLOCKID_MONOTONIC, 1000, 0)};
    IS(__wasi_poll_oneoff(two, events, 2, &count), 0);
    IS(count, 1);
    IS(events[0].userdata, 2);
    int fd = open_with("f", 0, READ | WRITE | MORE, 0);
    __wasi_subscription_t three[3] = {handle(1, 0, fd), handle(2, 1, fd), timer(3, __WASI_CLOCKID_MONOTONIC, 60000000000, 0)};
    IS(__wasi_poll_oneoff(three, events, 3, &count), 0);
    IS(count, 2);
    OK(events[0].userdata == 1 && events[0].type == __WASI_EVENTTYPE_FD_READ && events[0].error == 0);
    OK(events[1].userdata == 2 && events[1].type == __WASI_EVENTTYPE_FD_WRITE && events[1].error == 0);
    IS(events[0].fd_readwrite.nbytes, 9);
    IS(__wasi_fd_close(fd), 0);
    one = handle(5, 0, NO_FD);
    IS(__wasi_poll_oneoff(&one, events, 1, &count), 0);
    OK(count == 1 && events[0].error == __WASI_ERRNO_BADF && events[0].userdata == 5);
    if (!wild) return;
    one = timer(6, 9, 1, 0);
    IS(__wasi_poll_oneoff(&one, events, 1, &count), 0);
    OK(count == 1 && events[0].error == __WASI_ERRNO_INVAL && events[0].userdata == 6);
}

static void others(void) {
    __wasi_timestamp_t time, next;
    for (int clock = 0; clock < 4; clock++) {
        IS(__wasi_clock_res_get(clock, &time), 0);
        OK(time > 0);
        IS(__wasi_clock_time_get(clock, 1, &time), 0);
        IS(__wasi_clock_time_get(clock, 1, &next), 0);
        OK(next >= time);
    }
    if (wild) {
        IS(__wasi_clock_time_get(4, 1, &time), __WASI_ERRNO_INVAL);
        IS(__wasi_clock_res_get(4, &time), __WASI_ERRNO_INVAL);
    }
    uint8_t one[32] = {0}, two[32] = {0}, none[32] = {0};
    IS(__wasi_random_get(one, 32), 0);
    IS(__wasi_random_get(two, 32), 0);
    IS(__wasi_random_get(two, 0), 0);
    OK(memcmp(one, two, 32) && memcmp(one, none, 32));
    IS(__wasi_sched_yield(), 0);
    IS(proc_raise(0), __WASI_ERRNO_NOSYS);
    __wasi_size_t size;
    __wasi_roflags_t flags;
    __wasi_fd_t accepted;
    int file = open_with("f", 0, READ | WRITE | MORE, 0);
    __wasi_iovec_t in = {one, 32};
    __wasi_ciovec_t out = {one, 32};
    IS(__wasi_sock_accept(file, 0, &accepted), __WASI_ERRNO_NOTSOCK);
    IS(__wasi_sock_recv(file, &in, 1, 0, &size, &flags), __WASI_ERRNO_NOTSOCK);
    IS(__wasi_sock_send(file, &out, 1, 0, &size), __WASI_ERRNO_NOTSOCK);
    IS(__wasi_sock_shutdown(file, __WASI_SDFLAGS_RD), __WASI_ERRNO_NOTSOCK);
    IS(__wasi_sock_accept(NO_FD, 0, &accepted), __WASI_ERRNO_BADF);
    IS(__wasi_sock_recv(NO_FD, &in, 1, 0, &size, &flags), __WASI_ERRNO_BADF);
    IS(__wasi_sock_send(NO_FD, &out, 1, 0, &size), __WASI_ERRNO_BADF);
    IS(__wasi_sock_shutdown(NO_FD, __WASI_SDFLAGS_RD), __WASI_ERRNO_BADF);
    IS(__wasi_fd_close(file), 0);
}

int main(int count, char **words) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    const char *base = count > 1 ? words[1] : "/";
    while (*base == '/') base++;
    wild = count < 3;
    __wasi_fd_t above;
    IS(__wasi_path_open(3, 0, *base ? base : ".", __WASI_OFLAGS_DIRECTORY, 0, ALL, 0, &above), 0);
    IS(__wasi_path_create_directory(above, "t"), 0);
    IS(__wasi_path_open(above, 0, "t", __WASI_OFLAGS_DIRECTORY, 0, ALL, 0, &here), 0);
    preopens();
    rights();
    numbers();
    listings();
    paths();
    waits();
    others();
    IS(__wasi_path_unlink_file(here, "f"), 0);
    IS(__wasi_fd_close(here), 0);
    IS(__wasi_path_remove_directory(above, "t"), 0);
    return checked();
}
