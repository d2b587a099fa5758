/* seeds: datasets/weather/weather.csv */
#include "fuzz.h"
#include "series.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static const seqnn_missing missing[] = {SEQNN_MISSING_DEFAULT, SEQNN_MISSING_CARRY,
                                            SEQNN_MISSING_INTERPOLATE};
    const char *path = fuzz_file(bytes, count);
    for (int i = 0; i < 3; i++) {
        seqnn_series_options options = {0};
        options.missing = missing[i];
        seqnn_series *s = seqnn_read_series(path, options);
        fuzz_outcome(s != NULL);
        if (!s)
            continue;
        for (seqnn_size k = 0; k < s->columns; k++)
            fuzz_utf8(s->names[k]);
        for (seqnn_size t = 0; s->time && t < s->count; t++)
            fuzz_utf8(s->time[t]);
        for (seqnn_size k = 0; k < s->count * s->columns; k++)
            fuzz_must(s->values[k] - s->values[k] == 0, "no finite number");
        seqnn_windows_options windows = {0};
        windows.stride = 2;
        fuzz_must(!seqnn_series_scale(s, i ? SEQNN_STANDARDIZE : SEQNN_MIN_MAX, 0),
                  "the series is not scaled");
        seqnn_dataset *data = seqnn_series_windows(s, 2, windows);
        fuzz_must((data != NULL) == (s->count >= 3), "windows");
        if (data)
            fuzz_bytes(data->x[0].values,
                       (size_t)(data->count * 2 * s->columns) * sizeof(seqnn_real));
        seqnn_dataset_free(data);
        seqnn_series_free(s);
    }
    return 0;
}
