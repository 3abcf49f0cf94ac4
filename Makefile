# SPDX-License-Identifier: GPL-2.0
# People's targets. What the modules consist of stands in Kbuild, how kernels
# and guests are made in vm/.

KDIR ?= /lib/modules/$(shell uname -r)/build
KERNEL ?= 7
ARCH ?= x86_64
DEBUG ?=
KCSAN ?=
FILTER ?=
ARGS ?=

lane = --kernel=$(KERNEL) --arch=$(ARCH) --debug=$(DEBUG) --kcsan=$(KCSAN) --filter='$(FILTER)' \
	--args='$(ARGS)'

# kbuild picks its own architecture unless asked for another one.
kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR) $(if $(filter-out file,$(origin ARCH)),ARCH=$(ARCH))

.DEFAULT_GOAL := modules
.PHONY: modules install clean help packages kunit selftests demo shell style litmus stress \
	throughput bench check

modules: kdir ## Build the modules for the running kernel, or for KDIR=
	$(kbuild) modules

install: modules ## Build and install the modules below /lib/modules
	$(kbuild) modules_install

clean: ## Remove what was built here; the kernels in the cache stay
	rm -rf build
	find . -path ./.git -prune -o \( -name '*.o' -o -name '*.ko' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '.*.cmd' -o -name '*.o.d' -o -name 'Module.symvers' \
		-o -name 'modules.order' -o -name '.module-common.o' \) -exec rm -f {} +

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | while IFS='|' read -r target text; do \
		printf '  make %-10s %s\n' "$$target" "$$text"; done
	@echo 'Variables: KERNEL=7|6.12|stock|DIR  ARCH=x86_64|i386|um  DEBUG=1  KCSAN=1  FILTER=glob  KDIR=dir'
	@echo 'ARGS=words go to the kernel; module.parameter=value among them to insmod'

kunit: packages ## Run the KUnit suites in a guest [KERNEL= ARCH= DEBUG=1 KCSAN=1 FILTER=suite.case]
	@vm/kunit.sh $(lane)

selftests: packages ## Run the selftests in a guest [KERNEL= DEBUG=1 FILTER=name.sh]
	@vm/boot.sh selftests $(lane)

demo: packages ## Show the engine at work on a disk that mkswap formatted [KERNEL=]
	@vm/boot.sh demo $(lane)

shell: packages ## Log into a guest with the module inserted [KERNEL= DEBUG=1]
	@vm/boot.sh shell $(lane)

style: packages ## Run checkpatch, sparse, W=1, kernel-doc and the lab's own checks
	@vm/style.sh

litmus: packages ## Check the litmus tests under the kernel's memory model [KERNEL= FILTER=name]
	@vm/litmus.sh $(lane)

stress: packages ## Run the long forms of the KUnit suites [KERNEL= ARCH= DEBUG=1 KCSAN=1 FILTER=]
	@vm/kunit.sh --long $(lane)

throughput: packages ## Compare the data file with dd on the plain disk, some minutes [KERNEL=]
	@vm/boot.sh throughput $(lane)

bench: packages ## Time both engines, count instructions and memory, with 6 GiB [KERNEL= ARCH=um]
	@vm/boot.sh bench $(lane)

check: packages ## Run everything; last line: N passed, N failed, N skipped
	@vm/check.sh

packages:
	@vm/packages.sh

.PHONY: kdir
kdir:
	@[ -f '$(KDIR)/Makefile' ] || { \
		echo 'No kernel build directory at $(KDIR).'; \
		echo 'Install the headers of the running kernel (linux-headers-$(shell uname -r)),'; \
		echo 'or name a configured and built kernel tree: make KDIR=...'; \
		exit 1; } >&2
