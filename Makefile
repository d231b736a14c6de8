# make                   build the release: .build/release/gradcam
# make demo              explain the photos in Photos/ with the bundled model
# make test              run every test; ONLY=GoldenTests for some
# make test-kernels      compare with PyTorch by all kernels that this processor has, AMX's in plain C, and OpenBLAS alone
# make test-debug        run the tests in a debug build under the address sanitizer: bounds, contracts, memory
# make test-threads      run the tests of what works in threads in a debug build under the thread sanitizer
# make test-cuda         compare with PyTorch what a card computes; without one, by a stand-in on the processor (CARD=1: by
#                        the card that there is; with SANITIZER=compute-sanitizer, which looks at every access to its memory)
# make fuzz              fuzz the readers of tars, networks, photos, arrays and texts, SECONDS (1800) each; FUZZ=NAME for one
#                        of archive, network, jpeg, png, text
# make lint              check the style of the Swift sources, strictly, and look for slips in the Python files
# make install           put the program and the models under PREFIX (/usr/local)
#                        with its manual page and completions of bash, zsh and fish
# make uninstall         remove from there what make install puts
# make deb               a Debian package of them in dist/, which lintian finds nothing wrong with
# make archive           the same as an archive whose program needs glibc alone, and the sources; with checksums, in dist/
# make source            the sources as an archive in dist/
# make deb-trial         install package and archive in a Debian of their own, run, and remove them (as root)
# make models            fetch EfficientNet-Lite0, ResNet50 and VGG16 into Models/ (17, 103 and 553 MB);
#                        MODELS=NAME for one
# make crosscheck        compare with PyTorch, live, in a virtual environment (.venv)
# make bench             time it beside PyTorch, ONNX Runtime and OpenVINO, three quarters of an hour; writes the
#                        section of this processor in docs/bench.md (CARD=1: beside PyTorch with cuDNN on a card; TRIAL=1: only
#                        to see that this runs, on the processor)
# make profile           the time of every layer of MODEL, a name in Models/ or a file (default: catdog)
# make crosscheck-exporters  compare files of today's exporters with their own frameworks; writes docs/exporters.md
#                        (half an hour, 12 GB of packages)
# make crosscheck-all    compare torchvision's classifiers and timm's families, live; writes docs/networks.md (hours)
# make cluster-trial     explain photos on a Slurm cluster on this machine, of which a node is killed (as root)
# make pictures          make the README's pictures in docs/ anew
# make deps              install the system libraries that are missing
# make clean             remove what was built
# make help              print this

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
PREFIX ?= /usr/local
PROGRAM := .build/release/gradcam
DEMO := demo-output
# Packages and archives, of one version alone.
DIST := dist

# Tests have a build folder of their own: they compile otherwise than the release.
TEST := swift test --scratch-path .build/test
# Debug builds refuse warnings; the system's headers may have them. Their C is optimised a little: it would take most of
# the time.
STRICT := -Xswiftc -warnings-as-errors -Xcc -Wall -Xcc -Wextra -Xcc -Werror -Xcc -O1
# What a debug build leaves out, besides the cases that its tests leave out themselves (Tests/Support/Amount.swift):
# FastPathTests, OptionGoldenTests, SuffixRunTests, PromiseTests, ScalarGoldenTests, MetricGoldenTests, SignalTests,
# SignalPhotoTests and everyMethodExplainsAnArray run whole networks hundreds of times, GalleryTests a browser,
# PretrainedTests and the two others those of full size, NightTests and LargePhotoTests millions of pixels.
# NetworkGoldenTests stands for them. The others measure time, memory and addresses, of which a sanitizer takes its own.
SLOW := FastPathTests|OptionGoldenTests|SuffixRunTests|PromiseTests|PretrainedTests|pretrainedAgreesWithTheOracle
SLOW := $(SLOW)|checkFindsHowRealNetworksAreFed|NightTests|LargePhotoTests|KillTests|DiskTests|StreamTests
SLOW := $(SLOW)|ShortageTests|SideFileTests|theSystemsLimitCounts|InputGoldenTests|MethodGoldenTests|SuffixGoldenTests
SLOW := $(SLOW)|longListsTakeNoMemory|aKilledRunGoesOn|aSlurmArrayOutlivesANode
SLOW := $(SLOW)|ScalarGoldenTests|MetricGoldenTests|everyMethodExplainsAnArray|SignalTests|SignalPhotoTests
# What a card computes is done by a stand-in with pages of its own that nothing may touch.
SLOW := $(SLOW)|GalleryTests|CUDATests|DeviceTests
# What works in threads: the pool, every operator, whole networks, and photos side by side.
THREADED := ThreadPoolTests|ThreadLifeTests|OperatorGoldenTests|ConvolutionTests|NetworkGoldenTests|BatchTests|InOrderTests

.PHONY: build demo test test-kernels test-debug test-threads test-cuda fuzz lint install put uninstall deb deb-trial source archive \
    models crosscheck crosscheck-all crosscheck-exporters bench bench-program cluster-trial profile pictures deps clean help
.DEFAULT_GOAL := build

# The Swift library goes into the program, so that it runs where no Swift is installed. What debuggers read, more than
# half of it, is left out: `make LINKED=--static-swift-stdlib` keeps it, for stacks with names and lines.
LINKED := --static-swift-stdlib -Xlinker --strip-all
build: deps
	swift build -c release --product gradcam $(LINKED)

demo: build
	$(PROGRAM) --image-path Photos --model Models/catdog.onnx --method gradcam,gradcam++,scorecam --output-dir $(DEMO)
	$(PROGRAM) --image-path Photos/dog-and-cat.jpg --model Models/catdog.onnx --target-category cat,dog --outputs cam \
	    --output-dir $(DEMO)/both
	@echo "The pictures are in $(abspath $(DEMO))"

test: deps
	$(TEST) -c release $(if $(ONLY),--filter '$(ONLY)')

KERNELS := openblas sse2 avx2 avx512 amx amx-emulated
NUMBERS := KernelTests|ConvolutionTests|NetworkGoldenTests|OperatorGoldenTests|OptionGoldenTests
NUMBERS := $(NUMBERS)|PictureTests|ResizeTests
test-kernels: deps
	$(TEST) -c release --filter KernelTests
	for kernels in $(KERNELS); do \
	    status=0; GRADCAM_KERNELS=$$kernels .build/test/release/gradcam --version >/dev/null || status=$$?; \
	    case $$status in \
	        0) echo "Kernels: $$kernels"; \
	           GRADCAM_KERNELS=$$kernels $(TEST) -c release --skip-build --filter '$(NUMBERS)';; \
	        2) echo "Kernels: no $$kernels on this processor";; \
	        *) exit $$status;; \
	    esac; \
	done

# Swift keeps some of its memory to the end, which would count as leaks. What C leaves undefined is looked for as well,
# but for alignment: a file's weights are read where they lie (Sources/Network/Tensor/FloatStorage.swift).
UNDEFINED := -Xcc -fsanitize=undefined -Xcc -fno-sanitize=alignment -Xcc -fno-sanitize-recover=undefined
UNDEFINED := $(UNDEFINED) -Xcc -Wno-pass-failed
test-debug: deps
	ASAN_OPTIONS=detect_leaks=0 swift test --scratch-path .build/address --sanitize address $(STRICT) $(UNDEFINED) \
	    --skip '$(SLOW)'

# The same numbers as PyTorch's, by a card: every golden, and runs from a layer on, or some (ONLY). A stand-in computes
# them in half an hour.
STAND_IN := .build/stand-in
CARDS := CUDATests|NetworkGoldenTests|MethodGoldenTests|OptionGoldenTests|InputGoldenTests|SuffixGoldenTests
CARDS := $(CARDS)|MaskTests|ScalarGoldenTests|TargetGoldenTests
# Of NVIDIA: SANITIZER may have options of its own, as 'compute-sanitizer --tool initcheck'.
LOOKED_AT = $(if $(SANITIZER),$(SANITIZER) --target-processes all --error-exitcode 9)
test-cuda: deps
	$(if $(CARD),,scripts/make_stand_in.sh $(STAND_IN))
	$(TEST) -c release --filter NoTestIsCalledSo
	GRADCAM_TEST_DEVICE=cuda $(if $(CARD),,GRADCAM_CUDA_PATH=$(abspath $(STAND_IN))) $(LOOKED_AT) \
	    $(TEST) -c release --skip-build --filter '$(or $(ONLY),$(if $(SANITIZER),CUDATests,$(CARDS)))'

test-threads: deps
	TSAN_OPTIONS='suppressions=$(abspath Tests/threads.supp)' swift test --scratch-path .build/threads --sanitize thread \
	    $(STRICT) --filter '$(THREADED)' --skip '$(SLOW)'

SECONDS := 1800
FUZZ := archive network jpeg png npy text
fuzz: deps
	scripts/fuzz.sh $(SECONDS) $(FUZZ)

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Fuzz
	@if command -v python3 >/dev/null; then python3 scripts/lint.py; \
	else echo "There is no python3: the Python files are not looked at"; fi

# NETWORKS are those that go along.
NETWORKS ?= Models/*
install: build
	@$(MAKE) --no-print-directory put
	@echo "gradcam is in $(PREFIX)/bin, its networks, page and completions in $(PREFIX)/share"
	@case ":$$PATH:" in *":$(PREFIX)/bin:"*) ;; *) echo "To call it by its name: export PATH=\"$(PREFIX)/bin:\$$PATH\"";; esac

# What make install does once the program is built: the program, the networks, and, as the program writes them, the
# manual page and what shells complete flags by.
SHARE = $(DESTDIR)$(PREFIX)/share
PAGES = man/man1/gradcam.1 bash-completion/completions/gradcam zsh/site-functions/_gradcam \
    fish/vendor_completions.d/gradcam.fish
put:
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(SHARE)/gradcam/Models"
	install -m 755 $(PROGRAM) "$(DESTDIR)$(PREFIX)/bin/gradcam"
	install -m 644 $(NETWORKS) "$(SHARE)/gradcam/Models"
	@kinds=(man complete-bash complete-zsh complete-fish); \
	for page in $(PAGES); do \
	    install -d "$(SHARE)/$$(dirname $$page)"; \
	    $(PROGRAM) --generate $${kinds[0]} >"$(SHARE)/$$page"; \
	    chmod 644 "$(SHARE)/$$page"; \
	    kinds=("$${kinds[@]:1}"); \
	done

# Models that others put there stay, and so does their folder then.
uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/gradcam"
	for page in $(PAGES); do rm -f "$(SHARE)/$$page"; done
	for file in $(NETWORKS); do rm -f "$(SHARE)/gradcam/$$file"; done
	for folder in "$(SHARE)/gradcam/Models" "$(SHARE)/gradcam"; do \
	    if [ -d "$$folder" ]; then rmdir --ignore-fail-on-non-empty "$$folder" 2>/dev/null || true; fi; \
	done

deb: deps
	scripts/install_dependencies.sh package
	mkdir -p $(DIST)
	dpkg-checkbuilddeps
	DEB_RULES_REQUIRES_ROOT=no debian/rules clean binary PACKAGES=$(abspath $(DIST))
	lintian --fail-on warning $(DIST)/gradcam_*.deb

# The sources as they are committed; from the same commit the same archive.
source:
	scripts/package/source.sh $(DIST)

# A build of its own, linked to archives: another linker's flags compile everything anew.
STATIC := .build/static
archive: deps source
	scripts/install_dependencies.sh package
	flags=$$(scripts/package/static_libraries.sh $(STATIC)-libraries); \
	PKG_CONFIG_PATH=$(abspath $(STATIC)-libraries) swift build -c release --product gradcam --scratch-path $(STATIC) \
	    $(LINKED) $$flags
	scripts/package/archive.sh $(STATIC)/release/gradcam $(DIST)

deb-trial: deb archive
	scripts/package/deb_trial.sh $(DIST)/gradcam_*.deb $(DIST)/gradcam-*-linux-*.tar.gz

models:
	@scripts/install_dependencies.sh models
	@scripts/fetch_models.sh $(MODELS)

crosscheck: build
	scripts/oracle/setup.sh
	.venv/bin/python scripts/oracle/crosscheck.py --gradcam $(PROGRAM)

# PyTorch for the processor, or for a card.
PEERS = $(if $(CARD),.venv-cuda,.venv)
bench: build bench-program
	scripts/oracle/setup.sh $(PEERS) $(if $(CARD),cuda)
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet -r scripts/bench/requirements.txt
	$(if $(TRIAL),scripts/make_stand_in.sh $(STAND_IN))
	$(if $(TRIAL),GRADCAM_CUDA_PATH=$(abspath $(STAND_IN))) $(PEERS)/bin/python scripts/bench/bench.py \
	    $(if $(CARD)$(TRIAL),--device cuda) $(if $(TRIAL),--trial --quick,--output docs/bench.md)

# A file, or the name of one in Models/.
MODEL ?= catdog
profile: bench-program
	.build/release/gradcam-bench profile "$(or $(wildcard Models/$(MODEL).onnx),$(MODEL))"

bench-program: deps
	swift build -c release --product gradcam-bench $(LINKED)

crosscheck-all: build
	scripts/oracle/setup.sh
	.venv/bin/python scripts/oracle/crosscheck_all.py --gradcam $(PROGRAM)

crosscheck-exporters: build
	scripts/exporters/run.sh $(PROGRAM)

cluster-trial: build
	scripts/install_dependencies.sh cluster
	scripts/cluster/slurm_trial.sh

COMPARED := gradcam,gradcam++,hirescam,gradcamelementwise,layercam,xgradcam,eigencam,eigengradcam,kpcacam,fem,randomcam
pictures: build
	scripts/fetch_models.sh efficientnet_lite0
	$(PROGRAM) --image-path Photos/dog-bicycle-truck.jpg --model Models/efficientnet_lite0.onnx \
	    --target-category 235,671 --outputs cam,cam_gb --quality 85 --output-dir docs
	$(PROGRAM) --image-path Photos/dog-and-cat.jpg --model Models/catdog.onnx --target-category cat,dog \
	    --outputs cam --output-dir docs
	$(PROGRAM) --image-path Photos/dog-bicycle-truck.jpg --model Models/efficientnet_lite0.onnx \
	    --target-category 235 --outputs compare --quality 70 --output-dir docs --method $(COMPARED)
	$(PROGRAM) --image-path Photos/dog-bicycle-truck.jpg --model Models/efficientnet_lite0.onnx \
	    --target-category 235 --outputs compare --quality 30 --output-dir docs/all --method all --channels 64

deps:
	@scripts/install_dependencies.sh

clean:
	rm -rf .build $(DEMO) $(DIST) debian/gradcam debian/.debhelper debian/files debian/*.substvars debian/*-stamp

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile
