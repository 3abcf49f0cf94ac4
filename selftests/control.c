// SPDX-License-Identifier: GPL-2.0
/*
 * The control files as a shell cannot use them: half and long writes, offsets,
 * reads in pieces, files held open, and many threads at once.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define ROOT		"/sys/kernel/debug/swaptbl"
#define MODULE		"/lib/swaptbl/swaptbl.ko"
#define THREADS		4
#define ROUNDS		100
#define DEVICE_SLOTS	10000

static const char alloc_one[] = "alloc order=0 nr=1\n";

static int open_file(const char *name, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), ROOT "/%s", name);
	return open(path, flags | O_CLOEXEC);
}

/* The result of one write, as the system call would give it to a library. */
static long write_result(int fd, const void *buf, size_t len)
{
	ssize_t ret = write(fd, buf, len);

	return ret < 0 ? -errno : ret;
}

static long write_line(const char *name, const char *line)
{
	int fd = open_file(name, O_WRONLY);
	long ret;

	if (fd < 0)
		return -errno;
	ret = write_result(fd, line, strlen(line));
	close(fd);
	return ret < 0 ? ret : 0;
}

/* A command on an open ctl file, and its answer. */
static long command(int fd, const char *line, char *answer, size_t size)
{
	long ret = write_result(fd, line, strlen(line));
	ssize_t len;

	answer[0] = '\0';
	if (ret < 0)
		return ret;
	len = read(fd, answer, size - 1);
	if (len < 0)
		return -errno;
	answer[len] = '\0';
	return 0;
}

/* What is in a file, to be freed; empty if it cannot be read. */
static char *file_text(const char *name)
{
	static const size_t size = 1 << 20;
	int fd = open_file(name, O_RDONLY);
	char *buf = calloc(1, size);
	size_t used = 0;
	ssize_t len = 0;

	do {
		used += len;
		len = fd < 0 ? 0 : read(fd, buf + used, size - 1 - used);
	} while (len > 0);
	if (len < 0)
		buf[0] = '\0';
	if (fd >= 0)
		close(fd);
	return buf;
}

static bool file_has(const char *name, const char *text)
{
	char *buf = file_text(name);
	bool found = strstr(buf, text);

	free(buf);
	return found;
}

static bool verified(const char *name)
{
	char *buf = file_text(name);
	bool found = strstr(buf, "\n0 errors\n");

	if (!found)
		printf("# %s:\n%s", name, buf);
	free(buf);
	return found;
}

static bool exists(const char *name)
{
	struct stat st;
	char path[128];

	snprintf(path, sizeof(path), ROOT "/%s", name);
	return !stat(path, &st);
}

static void test_long_writes(void)
{
	int fd = open_file("create", O_WRONLY);
	char line[8192];

	memset(line, ' ', sizeof(line));
	memcpy(line, "ram slots=100", strlen("ram slots=100"));
	tap_is(write_result(fd, line, 513), -EINVAL, "513 bytes are refused");
	tap_ok(file_has("last_error", "create: -EINVAL: longer than 512 bytes"),
	       "last_error says so");
	tap_is(write_result(fd, line, sizeof(line)), -EINVAL,
	       "8192 bytes are refused");
	tap_ok(!exists("dev0"), "neither made a device");
	tap_is(write_result(fd, line, 512), 512, "512 bytes are a line");
	tap_ok(exists("dev0"), "which made a device");
	close(fd);
}

static void test_odd_bytes(void)
{
	int fd = open_file("create", O_WRONLY);

	tap_is(write_result(fd, "", 0), -EINVAL, "an empty write is refused");
	tap_is(write_result(fd, "ram slots=100\0", 14), -EINVAL,
	       "a NUL at the end is refused");
	tap_is(write_result(fd, "ram\0slots=100", 13), -EINVAL,
	       "a NUL within is refused");
	tap_is(write_result(fd, "\n", 1), -EINVAL, "a newline alone is refused");
	tap_is(write_result(fd, "ram slots=100\n\n", 15), -EINVAL,
	       "two newlines are refused");
	tap_is(write_result(fd, "\xff\x01\x7f\n", 4), -EINVAL,
	       "bytes that are no text are refused");
	tap_ok(file_has("last_error", "unknown store: ???\n"),
	       "and shown as question marks");
	tap_is(write_result(fd, (void *)1, 10), -EFAULT,
	       "a wrong address is refused");
	close(fd);
	tap_ok(!exists("dev1"), "none made a device");
}

static void test_offsets(void)
{
	int fd = open_file("create", O_WRONLY);

	errno = 0;
	tap_is(pwrite(fd, "ram slots=9\n", 12, 5), -1, "pwrite at 5 is refused");
	tap_is(errno, EINVAL, "with EINVAL");
	tap_is(lseek(fd, 3, SEEK_SET), -1, "create has no position");
	tap_is(errno, ESPIPE, "says ESPIPE");
	tap_ok(!exists("dev1"), "neither made a device");
	tap_is(write_result(fd, "ram slots=9", 11), 11, "a write");
	tap_is(write_result(fd, "ram slots=9\n", 12), 12,
	       "and another of the same open file");
	close(fd);
	tap_ok(exists("dev1") && exists("dev2"), "made a device each");
	tap_is(write_line("destroy", "dev1"), 0, "destroy one");
	tap_is(write_line("destroy", "dev2\n"), 0, "destroy the other");
}

/* Groups are made by a file that answers, as ctl does. */
static void test_group_offsets(void)
{
	int fd = open_file("groups/create", O_RDWR);
	char answer[16] = "";

	tap_is(pwrite(fd, "group", 5, 9), 5, "pwrite makes a group");
	tap_is(pread(fd, answer, sizeof(answer), 0), 2, "pread its answer");
	tap_ok(!strcmp(answer, "2\n"), "which is its id");
	close(fd);
	fd = open_file("groups/2/limit", O_RDWR);
	tap_is(write(fd, "7", 1), 1, "write its limit");
	close(fd);
	tap_ok(file_has("groups/2/limit", "7\n"), "which holds");
	fd = open_file("groups/destroy", O_WRONLY);
	errno = 0;
	tap_is(pwrite(fd, "2", 1, 1), -1, "pwrite at 1 destroys nothing");
	tap_is(errno, EINVAL, "says EINVAL");
	tap_ok(file_has("last_error",
			"groups/destroy: -EINVAL: write at an offset\n"),
	       "and why");
	tap_is(write_result(fd, "2", 1), 1, "a write does");
	tap_is(write_result(fd, "2", 1), -ESRCH, "once");
	close(fd);
}

static void test_half_writes(int fd)
{
	tap_is(write_result(fd, "alloc order=0", 13), -EINVAL,
	       "the first half of a command is refused");
	tap_is(write_result(fd, " nr=1\n", 6), -EINVAL,
	       "the second half is refused");
	tap_ok(file_has("dev0/info", "used 0\n"), "neither used a slot");
}

static void test_answers(int fd)
{
	char answer[256];
	int other = open_file("dev0/ctl", O_RDWR);

	tap_is(read(fd, answer, sizeof(answer)), 0, "no command, no answer");
	tap_is(command(fd, "alloc order=0 nr=2\n", answer, sizeof(answer)), 0,
	       "alloc");
	tap_ok(!strcmp(answer, "1\n2\n"), "gives two offsets");
	tap_is(read(fd, answer, sizeof(answer)), 0, "once");
	tap_is(lseek(fd, 0, SEEK_SET), 0, "rewind");
	tap_is(read(fd, answer, 1), 1, "read one byte");
	tap_is(read(fd, answer + 1, 1), 1, "read the next");
	tap_ok(!memcmp(answer, "1\n", 2), "they are the first two");
	tap_is(pread(fd, answer, sizeof(answer), 2), 2, "pread the rest");
	tap_is(lseek(fd, 0, SEEK_END), -1, "an answer has no end to seek to");
	tap_is(read(other, answer, sizeof(answer)), 0,
	       "another open file has its own answer");
	tap_is(command(fd, "count offset=2", answer, sizeof(answer)), 0,
	       "a command after a read");
	tap_ok(!strcmp(answer, "2 0\n"), "its answer starts at the start");
	tap_is(pwrite(fd, "count offset=1", 14, 7), 14, "pwrite a command");
	tap_is(pread(fd, answer, sizeof(answer), 0), 4, "pread its answer");
	tap_is(write_result(fd, "count", 5), -EINVAL, "a refused command");
	tap_is(pread(fd, answer, sizeof(answer), 0), 0, "has no answer");
	close(other);
}

static void test_large_answer(int fd)
{
	static char answer[1 << 20];
	char *last;

	tap_is(command(fd, "count offset=1 nr=9999\n", answer, sizeof(answer)),
	       0, "count 9999 slots");
	last = strstr(answer, "\n9999 0\n");
	tap_ok(last && !strcmp(last, "\n9999 0\n"), "gives 9999 lines");
}

/* Each round takes one slot through its life; errors but for a full device. */
static long life_of_a_slot(int fd)
{
	char line[64], answer[64];
	unsigned int i;
	long ret, offset;

	ret = command(fd, alloc_one, answer, sizeof(answer));
	if (ret)
		return ret;
	offset = strtol(answer, NULL, 10);
	for (i = 0; i < 6 && !ret; i++) {
		snprintf(line, sizeof(line), "%s offset=%ld\n",
			 i < 3 ? "dup" : "put", offset);
		ret = command(fd, line, answer, sizeof(answer));
	}
	snprintf(line, sizeof(line), "free offset=%ld\n", offset);
	return ret ?: command(fd, line, answer, sizeof(answer));
}

static atomic_long thread_error;
static atomic_bool threads_stop;

static void *writer(void *unused)
{
	int fd = open_file("dev0/ctl", O_RDWR);
	unsigned int i;
	long ret;

	(void)unused;
	for (i = 0; i < ROUNDS; i++) {
		ret = life_of_a_slot(fd);
		if (ret)
			atomic_store(&thread_error, ret);
	}
	close(fd);
	return NULL;
}

static void *reader(void *unused)
{
	static const char * const files[] = {
		"dev0/slots", "dev0/clusters", "dev0/lists", "dev0/info",
		"dev0/stats", "last_error", NULL,
	};
	unsigned int i;

	(void)unused;
	while (!atomic_load(&threads_stop)) {
		for (i = 0; files[i]; i++)
			if (!file_has(files[i], "\n"))
				atomic_store(&thread_error, -EIO);
		if (!verified("dev0/verify"))
			atomic_store(&thread_error, -EUCLEAN);
	}
	return NULL;
}

static void run_threads(void *(*run)(void *), void *(*meanwhile)(void *))
{
	pthread_t thread[THREADS], other;
	unsigned int i;

	atomic_store(&thread_error, 0);
	atomic_store(&threads_stop, false);
	if (meanwhile)
		pthread_create(&other, NULL, meanwhile, NULL);
	for (i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, run, NULL);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	atomic_store(&threads_stop, true);
	if (meanwhile)
		pthread_join(other, NULL);
}

static void test_concurrent_writers(void)
{
	run_threads(writer, reader);
	tap_is(atomic_load(&thread_error), 0,
	       "threads with files of their own, and a reader");
	tap_ok(file_has("dev0/info", "used 0\n"), "all slots are free again");
	tap_ok(verified("dev0/verify"), "verify");
}

static int shared_fd;

/* Answers get mixed up between the threads; commands must not. */
static void *sharing_writer(void *unused)
{
	unsigned int i;
	long ret;

	(void)unused;
	for (i = 0; i < ROUNDS; i++) {
		ret = write_result(shared_fd, alloc_one, strlen(alloc_one));
		if (ret != (long)strlen(alloc_one))
			atomic_store(&thread_error, ret);
	}
	return NULL;
}

/* CPUs allocate from clusters of their own: the offsets have gaps. */
static unsigned int free_all(int fd, unsigned int slots)
{
	unsigned int offset, nr = 0;
	char line[64];

	for (offset = 1; offset < slots; offset++) {
		snprintf(line, sizeof(line), "free offset=%u\n", offset);
		nr += write_result(fd, line, strlen(line)) > 0;
	}
	return nr;
}

static void test_shared_file(int fd)
{
	char want[32];

	shared_fd = fd;
	run_threads(sharing_writer, NULL);
	tap_is(atomic_load(&thread_error), 0, "threads with one open file");
	snprintf(want, sizeof(want), "used %d\n", THREADS * ROUNDS);
	tap_ok(file_has("dev0/info", want), "each command was done once");
	tap_is(free_all(fd, DEVICE_SLOTS), THREADS * ROUNDS, "free them all");
	tap_ok(verified("dev0/verify"), "verify");
}

static void test_held_files(int ctl)
{
	char buf[64];
	int slots = open_file("dev0/slots", O_RDONLY);

	tap_is(read(slots, buf, 10), 10, "read a part of slots");
	tap_is(write_line("destroy", "dev0"), 0,
	       "destroy a device whose files are open");
	tap_ok(!exists("dev0"), "its directory is gone");
	tap_is(read(slots, buf, 10), -1, "slots cannot be read on");
	tap_ok(write_result(ctl, alloc_one, strlen(alloc_one)) < 0,
	       "ctl takes no commands");
	tap_is(write_line("create", "ram slots=1000"), 0, "make it again");
	tap_ok(write_result(ctl, alloc_one, strlen(alloc_one)) < 0,
	       "the old ctl file is not one of the new device");
	tap_ok(file_has("dev0/info", "used 0\n"), "which is empty");
	close(slots);
	close(ctl);
	tap_is(write_line("destroy", "dev0"), 0, "destroy that");
}

static void *maker(void *unused)
{
	char line[16];
	unsigned int i;
	long ret;

	(void)unused;
	for (i = 0; i < ROUNDS; i++) {
		ret = write_line("create", "ram slots=3000");
		if (ret && ret != -EUSERS)
			atomic_store(&thread_error, ret);
		snprintf(line, sizeof(line), "dev%u drop", i % THREADS);
		ret = write_line("destroy", line);
		if (ret && ret != -ENODEV)
			atomic_store(&thread_error, ret);
	}
	return NULL;
}

/* Whatever comes back: the device may go at any time. */
static void *bystander(void *unused)
{
	char answer[64];
	int fd;

	(void)unused;
	while (!atomic_load(&threads_stop)) {
		file_has("dev0/slots", "\n");
		file_has("dev1/verify", "\n");
		fd = open_file("dev0/ctl", O_RDWR);
		if (fd < 0)
			continue;
		command(fd, alloc_one, answer, sizeof(answer));
		close(fd);
	}
	return NULL;
}

static void test_concurrent_devices(void)
{
	char name[16];
	unsigned int i;

	run_threads(maker, bystander);
	tap_is(atomic_load(&thread_error), 0,
	       "threads that make and remove devices, and a user");
	for (i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "dev%u drop", i);
		write_line("destroy", name);
	}
	tap_ok(!exists("dev0"), "all devices are gone");
}

static int run(const char *program, const char *argument)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		execlp(program, program, argument, NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(void)
{
	int ctl;

	tap_start();
	if (!access("/sys/module/swaptbl", F_OK))
		run("rmmod", "swaptbl");
	if (run("insmod", MODULE))
		tap_skip_all("cannot insert " MODULE);
	if (!exists("create"))
		tap_skip_all("no " ROOT);
	test_long_writes();
	test_odd_bytes();
	test_offsets();
	test_group_offsets();
	write_line("destroy", "dev0");
	write_line("create", "ram slots=10000 count_bits=2");
	ctl = open_file("dev0/ctl", O_RDWR);
	test_half_writes(ctl);
	test_answers(ctl);
	test_large_answer(ctl);
	write_line("dev0/ctl", "free offset=1 nr=2");
	test_concurrent_writers();
	test_shared_file(ctl);
	test_held_files(ctl);
	test_concurrent_devices();
	tap_is(run("rmmod", "swaptbl"), 0, "rmmod");
	return tap_finish();
}
