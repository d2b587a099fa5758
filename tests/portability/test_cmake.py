"""A CMake project finds, compiles and links seqnn::seqnn, in C and in C++."""

from pathlib import Path

from tap import ROOT, Report, call, have, scratch


def main():
    report = Report()
    if not have("cmake"):
        report.skip("seqnn::seqnn", "cmake is not installed")
        report.end()
    with scratch() as name:
        build = Path(name)
        report.check("configure", *call(["cmake", "-S", ROOT / "tests/portability/cmake",
                                         "-B", build]))
        report.check("build", *call(["cmake", "--build", build]))
        cache = (build / "CMakeCache.txt").read_text()
        for program in ("user_c", "user_cpp"):
            if (build / program).exists():
                report.check(f"run {program}", *call([build / program]))
            else:
                report.check(f"run {program}", False, "it was not built")
        print("OpenMP:", "found" if "OpenMP_C_FLAGS:STRING=-fopenmp" in cache else "not found")
    report.end()


main()
