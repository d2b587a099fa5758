# seqnn: `make help` lists the targets. Users need none of this: they copy seqnn.h.

BUILD ?= build
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
# The libraries of the tests: the separate files of src/, with everything switched on.
OPTIMISE ?= -O3 -g
WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion
# ROOMS="base math" builds a library of these alone.
ROOMS = base math layers train text data words metrics plot
INCLUDES = -Isrc $(patsubst %/,-I%,$(wildcard src/*/))
SWITCHES = -DSEQNN_PLOT -DSEQNN_WORDS -DSEQNN_USE_ZLIB -DSEQNN_USE_EXPAT \
	-DSEQNN_USE_WORDNET -DSEQNN_USE_SNOWBALL
LIBRARY_FLAGS = -std=c99 $(OPTIMISE) -fopenmp $(WARN) $(INCLUDES) $(SWITCHES) -MMD -MP
# A test is compiled more often than it runs.
TEST_FLAGS = $(subst -O3,-O1,$(LIBRARY_FLAGS)) -Itests -Itests/golden
LIBS = -lcmocka -lz -lexpat -lwordnet -lstemmer -lm

HEADERS = $(filter-out %/double_names.h,$(foreach room,$(ROOMS),$(wildcard src/$(room)/*.h)))
SOURCES = $(foreach room,$(ROOMS),$(wildcard src/$(room)/*.c))
FLOAT_OBJECTS = $(SOURCES:src/%.c=$(BUILD)/float/%.o)
DOUBLE_OBJECTS = $(SOURCES:src/%.c=$(BUILD)/double/%.o)

# A test registers itself by its name: these patterns are the whole list. A line
# `/* flags: ... */` in a test is added to its command.
FLOAT_TESTS = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/test_*.c \
	$(foreach kind,golden fault plots,tests/$(kind)/test_*.c))) $(REPLAYS)
# A fuzz target, tests/fuzz/fuzz_x.c, is replayed by the test replay_x.
FUZZERS = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAYS = $(FUZZERS:%=$(BUILD)/tests/fuzz/replay_%)
SEEDS_OF = $(shell sed -n 's|^/\* seeds: \(.*\) \*/$$|\1|p' $(1))
DOUBLE_TESTS = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/gradient/*.c))
# What a GPU computes, by the processor in its place, is C++: one program for all of them,
# which does what its name says (tests/cuda/together.py).
CUDA_TESTS = $(patsubst %.cpp,$(BUILD)/%,$(wildcard tests/cuda/test_*.cpp))
# These in a double build too, where nearly all digits have to be the same.
CUDA_DOUBLE_TESTS = $(BUILD)/tests/cuda/double/test_families
CUDA_TEST_FLAGS = -std=c++17 -DSEQNN_STATIC -O1 -g1 -pthread $(filter-out -O% -g%,$(OPTIMISE)) $(WARN) -Wno-unused-function
CUDA_TEST_FILES = $(wildcard src/cuda/*.cuh tests/cuda/*.h tests/cuda/*.cpp) tests/cuda/together.py
SCRIPT_TESTS = $(wildcard tests/test_*.py tests/*/test_*.py)
FLAGS_OF = $(shell sed -n 's|^/\* flags: \(.*\) \*/$$|\1|p' $(1))
ALL_TESTS = $(FLOAT_TESTS) $(DOUBLE_TESTS) $(CUDA_TESTS) $(CUDA_DOUBLE_TESTS) $(SCRIPT_TESTS)
# make test T=math runs only the programs whose path contains "math".
RUN_TESTS = $(if $(T),$(foreach test,$(ALL_TESTS),$(if $(findstring $(T),$(test)),$(test))),$(ALL_TESTS))

EXAMPLE = $(firstword $(wildcard examples/$(EX)_*.c examples/$(EX).c))
EXAMPLES = $(patsubst examples/%.c,%,$(wildcard examples/*.c))
EXAMPLE_FLAGS ?= -O3 -march=native -fopenmp

# CUDA=1 builds an example for a GPU, of the ARCH that is here, or for every one since sm_80.
CUDA ?= 0
NVCC ?= nvcc
ARCH ?= $(shell nvidia-smi -L 2>/dev/null | grep -q "^GPU" && echo native || echo sm_80)
WITH_CUDA = $(filter-out 0,$(CUDA))
PROGRAM = $(EXAMPLE:examples/%.c=$(BUILD)/$(if $(WITH_CUDA),cuda/)%)

.DEFAULT_GOAL = help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help demo test run examples notebooks unpack datasets harvest bench amalgamate check-amalgamation \
	sanitize valgrind fuzz libraries programs format clean

## help: this list
help:
	@sed -n 's/^## \([^:]*\): */\1\t/p' $(MAKEFILE_LIST) | sort | expand -t 20

## demo: install what is missing, train the title classifier, write its plots
demo:
	@tests/setup.sh demo
	@$(MAKE) --no-print-directory run EX=12

## test: install what tests need, run them all (T=word: only those with word in the path)
test:
	@$(if $(T),,tests/setup.sh test)
	@built=; $(MAKE) --no-print-directory -k -j$(JOBS) programs T=$(T) || built=--build-failed; \
	CC="$(CC)" BUILD="$(BUILD)" tests/run --jobs $(JOBS) $$built $(RUN_TESTS)

## run: compile and run one example, EX=12, or EX=word2vec (ARGS="--epochs 3" are its arguments; CUDA=1: for a GPU)
run:
	@if [ -z "$(EXAMPLE)" ]; then \
		echo "make run: there is no examples/$(EX)_*.c; say which one, as in make run EX=12"; exit 2; fi
	@$(if $(SEQNN_DATA),$(MAKE) --no-print-directory unpack)
	@$(if $(WITH_CUDA),$(FIND_NVCC))
	@$(MAKE) --no-print-directory $(PROGRAM)
	$(PROGRAM) $(ARGS)

## examples: compile all examples
examples: $(EXAMPLES:%=$(BUILD)/%)

$(EXAMPLES:%=$(BUILD)/%): $(BUILD)/%: examples/%.c seqnn.h
	@mkdir -p $(@D)
	$(CC) $(EXAMPLE_FLAGS) $< -o $@ $(if $(shell grep -l SEQNN_USE_ZLIB $<),-lz) -lm

# The example stays C and leaves the implementation out; nvcc compiles it in a file of its
# own, with the same switches, once for all examples that have them.
SWITCHES_OF = $(sort $(filter-out SEQNN_IMPLEMENTATION,$(shell sed -n 's/^\#define \(SEQNN_[A-Z_]*\)$$/\1/p' $(1) </dev/null)))
CUDA_PART = $(BUILD)/cuda/seqnn_$(ARCH)$(subst $(SPACE),,$(patsubst SEQNN_%,_%,$(call SWITCHES_OF,$(EXAMPLE))))
CUDA_LIBRARIES = $(abspath $(dir $(shell command -v $(NVCC)))..)/lib64
COMMA := ,
SPACE := $(subst ,, )
FOR_HOST = -Xcompiler $(subst $(SPACE),$(COMMA),$(strip $(EXAMPLE_FLAGS)))
FIND_NVCC = command -v $(NVCC) >/dev/null || { echo "make run CUDA=1: there is no nvcc. It comes with NVIDIA's" \
	"CUDA toolkit, 12 or later (developer.nvidia.com/cuda-downloads; also Ubuntu's package nvidia-cuda-toolkit" \
	"since 24.04, and Debian's since 13)." \
	"Without CUDA=1 the example runs on the processor."; exit 2; }

ifneq ($(WITH_CUDA),)
$(EXAMPLES:%=$(BUILD)/cuda/%): $(BUILD)/cuda/%: examples/%.c seqnn.h $(CUDA_PART).o
	$(CC) $(EXAMPLE_FLAGS) -DSEQNN_IMPLEMENTED -c $< -o $@.o
	$(NVCC) $(FOR_HOST) $@.o $(CUDA_PART).o -o $@ -Xlinker -rpath,$(CUDA_LIBRARIES) -lcublas \
		$(if $(shell grep -l SEQNN_USE_ZLIB $<),-lz) -lm

$(CUDA_PART).o: seqnn.h seqnn_cuda.cuh
	@mkdir -p $(@D)
	@{ printf '#define %s\n' SEQNN_IMPLEMENTATION SEQNN_CUDA SEQNN_SAY_DEVICE $(call SWITCHES_OF,$(EXAMPLE)); \
		printf '#include "%s"\n' seqnn.h seqnn_cuda.cuh; } >$(CUDA_PART).cu
	$(NVCC) -std=c++17 -O3 -arch=$(ARCH) $(FOR_HOST) -I. -c $(CUDA_PART).cu -o $@
endif

## notebooks: the examples with what they print and draw, as build/notebooks/index.html and .ipynb (EX=12 for one)
notebooks:
	@tests/setup.sh notebooks
	@CC="$(CC)" EXAMPLE_FLAGS="$(EXAMPLE_FLAGS)" python3 tools/notebooks.py $(EX) --arguments="$(ARGS)" \
		--out $(BUILD)/notebooks

## lectures: outputs and pictures of the lecture pages written anew, and all of them checked (EX=08 for one)
.PHONY: lectures
lectures:
	@tests/setup.sh demo
	@python3 tools/lectures.py --write $(EX)
	@python3 tools/lectures.py --pictures $(EX)
	@python3 tools/lectures.py --check $(EX)

## unpack: the archives of $SEQNN_DATA into datasets/cache
unpack:
	@datasets/unpack.sh

## datasets: download the public sets into datasets/cache (SET=20news for one; SET=list says what there is)
datasets:
	@python3 datasets/download.py $(SET)

## word-corpus: datasets/cache/words/corpus.txt, a large text for word vectors, from the public sets of $SEQNN_DATA
.PHONY: word-corpus
word-corpus:
	@python3 datasets/make_word_corpus.py $(ARGS)

## harvest: abstracts from arXiv, politely: make harvest ARGS="--set cs --records 5000"
harvest:
	@tests/setup.sh harvest
	@$(MAKE) --no-print-directory $(BUILD)/harvest_arxiv
	$(BUILD)/harvest_arxiv $(or $(ARGS),--help)

$(BUILD)/harvest_arxiv: datasets/harvest_arxiv.c datasets/oai.h
	@mkdir -p $(@D)
	$(CC) -std=c99 -O2 $(WARN) $< -o $@ -lcurl -lexpat

## bench: the speed beside PyTorch and Keras (ONLY=news_lstm64 for one; ONLY=matmul, memory, scaling, compile, ...: bench/README.md)
bench:
	@python3 bench/run.py $(ONLY)

## amalgamate: write seqnn.h from src/
amalgamate:
	@python3 tools/amalgamate.py

## check-amalgamation: fail if seqnn.h is not what src/ gives
check-amalgamation:
	@python3 tools/amalgamate.py --check

## sanitize: the float tests, and those of a GPU's work, under the address and undefined-behaviour sanitizers, on every instruction set of this machine
sanitize: SANITIZERS = -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
sanitize:
	@tests/setup.sh test
	@built=; $(MAKE) --no-print-directory -k -j$(JOBS) BUILD=$(BUILD)/sanitize \
		OPTIMISE="$(SANITIZERS)" T="$(T)" sanitized-programs || built=--build-failed; \
	OMP_NUM_THREADS=2 tests/run --jobs $(JOBS) $$built --every-isa \
		$(patsubst $(BUILD)/%,$(BUILD)/sanitize/%,$(filter $(FLOAT_TESTS) $(CUDA_TESTS),$(RUN_TESTS)))

## cuda-check: on a GPU, the tests of its work, the speed beside cuDNN, compute-sanitizer (nothing where there is none)
.PHONY: cuda-check
cuda-check:
	@BUILD="$(BUILD)" python3 tests/cuda/check.py

## valgrind: the quick float tests on the portable path under valgrind
valgrind:
	@tests/setup.sh valgrind
	@built=; $(MAKE) --no-print-directory -k -j$(JOBS) T="$(T)" float-programs || built=--build-failed; \
	SEQNN_ISA=plain OMP_NUM_THREADS=1 tests/run --jobs $(JOBS) $$built --valgrind \
		$(filter $(FLOAT_TESTS),$(RUN_TESTS))

## fuzz: every reader fed with hostile bytes (FUZZ_SECONDS=60 each, or FUZZ_RUNS=1000000; T=json: one)
FUZZ_SECONDS ?= 60
FUZZ = $(BUILD)/fuzz
FUZZ_PROGRAMS = $(patsubst %,$(FUZZ)/fuzz_%,$(if $(T),$(filter $(T),$(FUZZERS)),$(FUZZERS)))
FUZZ_FLAGS = -std=c99 -O1 -g1 -fno-omit-frame-pointer $(WARN) $(INCLUDES) -D_GNU_SOURCE \
	$(filter-out -DSEQNN_PLOT,$(SWITCHES)) -MMD -MP \
	-fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_OBJECTS = $(patsubst src/%.c,$(FUZZ)/%.o,$(filter-out src/plot/%,$(SOURCES)))
.PHONY: fuzz-programs
fuzz:
	@tests/setup.sh fuzz
	@$(MAKE) --no-print-directory -j$(JOBS) fuzz-programs T="$(T)"
	@nice tests/fuzz/run --build $(FUZZ) --jobs $(JOBS) --seconds $(FUZZ_SECONDS) --runs $(or $(FUZZ_RUNS),0) \
		$(FUZZ_PROGRAMS:$(FUZZ)/fuzz_%=%)
fuzz-programs: $(FUZZ_PROGRAMS)

## torture: kills training runs, from which each must recover to the same bits (TORTURE_KILLS=100)
TORTURE_KILLS ?= 100
.PHONY: torture
torture:
	@tests/setup.sh test
	@$(MAKE) --no-print-directory -j$(JOBS) $(BUILD)/tests/torture/train
	@BUILD="$(BUILD)" TORTURE_KILLS=$(TORTURE_KILLS) tests/run tests/torture/test_torture.py

## measure: five models learn every bundled set, the result goes into datasets/README.md
.PHONY: measure
measure:
	@tests/setup.sh test
	@$(MAKE) --no-print-directory -j$(JOBS) $(BUILD)/datasets/measure
	OMP_NUM_THREADS=1 $(BUILD)/datasets/measure --write datasets/README.md

## contact: tests/plots/contact.png, every kind of figure drawn by matplotlib and by seqnn
.PHONY: contact
contact:
	@tests/setup.sh test
	@$(MAKE) --no-print-directory -j$(JOBS) $(BUILD)/tests/plots/contact
	python3 tests/plots/contact.py $(BUILD)/tests/plots/contact $(BUILD)/contact tests/plots/contact.png

## libraries: build/float/libseqnn.a and build/double/libseqnn.a
libraries: $(BUILD)/float/libseqnn.a $(BUILD)/double/libseqnn.a

## programs: compile the tests without running them
programs: $(filter-out %.py,$(RUN_TESTS)) $(if $(filter %.py,$(RUN_TESTS)),libraries)
float-programs: $(filter $(FLOAT_TESTS),$(RUN_TESTS))
sanitized-programs: $(filter $(FLOAT_TESTS) $(CUDA_TESTS),$(RUN_TESTS))
.PHONY: float-programs sanitized-programs

## format: clang-format over src, tests, examples and datasets
format:
	@clang-format -i $(HEADERS) $(SOURCES) \
		$(wildcard src/cuda/*.cuh tests/cuda/*.cpp src/*/*.inc tests/*.[ch] tests/*/*.[ch] examples/*.c datasets/*.[ch] \
		datasets/measure/*.h)

## clean: remove what was built
clean:
	rm -rf $(BUILD)

# The two generated files that a build of the separate files needs. They are rewritten only
# if their content changes, so the stamp, not they, says when it was last looked at.
$(BUILD)/lists: $(HEADERS) tools/amalgamate.py
	@mkdir -p $(@D)
	@python3 tools/amalgamate.py --lists
	@touch $@

src/base/double_names.h src/seqnn.h: $(BUILD)/lists
	@:

$(BUILD)/float/%.o: src/%.c | $(BUILD)/lists
	@mkdir -p $(@D)
	@echo "  $@"
	@$(CC) $(LIBRARY_FLAGS) -c $< -o $@

$(BUILD)/double/%.o: src/%.c | $(BUILD)/lists
	@mkdir -p $(@D)
	@echo "  $@"
	@$(CC) $(LIBRARY_FLAGS) -DSEQNN_DOUBLE -c $< -o $@

$(BUILD)/float/libseqnn.a: $(FLOAT_OBJECTS)
$(BUILD)/double/libseqnn.a: $(DOUBLE_OBJECTS)
$(BUILD)/%/libseqnn.a:
	@rm -f $@
	@ar rcs $@ $^

$(filter-out $(REPLAYS),$(FLOAT_TESTS)): $(BUILD)/%: %.c $(BUILD)/float/libseqnn.a
	@mkdir -p $(@D)
	@rm -f $@
	@echo "  $@"
	@$(CC) $(TEST_FLAGS) $< $(BUILD)/float/libseqnn.a -o $@ $(call FLAGS_OF,$<) $(LIBS)

$(CUDA_TESTS): $(BUILD)/tests/cuda/together
	@ln -f $< $@

$(BUILD)/tests/cuda/together: seqnn.h $(CUDA_TEST_FILES)
	@mkdir -p $(@D)
	@rm -f $@
	@echo "  $@"
	@python3 tests/cuda/together.py >$@.cpp
	@$(CXX) $(CUDA_TEST_FLAGS) $@.cpp -o $@ -lcmocka -lm

$(CUDA_DOUBLE_TESTS): $(BUILD)/tests/cuda/double/%: tests/cuda/%.cpp seqnn.h $(CUDA_TEST_FILES)
	@mkdir -p $(@D)
	@rm -f $@
	@echo "  $@"
	@$(CXX) $(CUDA_TEST_FLAGS) -O0 -DSEQNN_DOUBLE $< -o $@ -lcmocka -lm

$(BUILD)/datasets/measure: datasets/measure.c $(wildcard datasets/measure/*.h) $(BUILD)/float/libseqnn.a
	@mkdir -p $(@D)
	@echo "  $@"
	@$(CC) $(TEST_FLAGS) $< $(BUILD)/float/libseqnn.a -o $@ $(LIBS)

$(BUILD)/tests/torture/train: tests/torture/train.c $(BUILD)/float/libseqnn.a
	@mkdir -p $(@D)
	@echo "  $@"
	@$(CC) $(TEST_FLAGS) $< $(BUILD)/float/libseqnn.a -o $@ $(LIBS)

$(BUILD)/tests/plots/contact: tests/plots/contact.c $(wildcard tests/plots/*.h) $(BUILD)/float/libseqnn.a
	@mkdir -p $(@D)
	@echo "  $@"
	@$(CC) $(TEST_FLAGS) $< $(BUILD)/float/libseqnn.a -o $@ $(LIBS)

$(REPLAYS): $(BUILD)/tests/fuzz/replay_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(BUILD)/float/libseqnn.a
	@mkdir -p $(@D)
	@rm -f $@
	@echo "  $@"
	@$(CC) $(TEST_FLAGS) -MF $@.d -D_GNU_SOURCE -DFUZZ_NAME=$* -DFUZZ_SEEDS='"$(call SEEDS_OF,$<)"' \
		$< tests/fuzz/replay.c $(BUILD)/float/libseqnn.a -o $@ $(LIBS)

$(FUZZ)/%.o: src/%.c | $(BUILD)/lists
	@mkdir -p $(@D)
	@echo "  $@"
	@clang $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -c $< -o $@

$(FUZZ)/libseqnn.a: $(FUZZ_OBJECTS)
	@rm -f $@
	@ar rcs $@ $^

$(FUZZERS:%=$(FUZZ)/fuzz_%): $(FUZZ)/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ)/libseqnn.a
	@mkdir -p $(@D)
	@echo "  $@"
	@clang $(FUZZ_FLAGS) -fsanitize=fuzzer $< $(FUZZ)/libseqnn.a -o $@ $(filter-out -lcmocka,$(LIBS))

$(DOUBLE_TESTS): $(BUILD)/%: %.c $(BUILD)/double/libseqnn.a
	@mkdir -p $(@D)
	@rm -f $@
	@echo "  $@"
	@$(CC) $(TEST_FLAGS) -DSEQNN_DOUBLE $< $(BUILD)/double/libseqnn.a -o $@ $(call FLAGS_OF,$<) $(LIBS)

-include $(FLOAT_OBJECTS:.o=.d) $(DOUBLE_OBJECTS:.o=.d) $(FLOAT_TESTS:=.d) $(DOUBLE_TESTS:=.d) \
	$(FUZZ_OBJECTS:.o=.d) $(FUZZERS:%=$(FUZZ)/fuzz_%.d)
