/* seqnn's half of the contact sheet: its figures as FOLDER/<name>_seqnn.png and the
 * numbers in them as FOLDER/data.json. `contact FOLDER [WIDTH HEIGHT SCALE]` */
#include <stdio.h>
#include <stdlib.h>

#include "sheet_figures.h"
#include "sheet_json.h"

int main(int count, char **words)
{
    static sheet_data data;
    sheet_size size = {640, 480, 1};
    char path[1024];
    FILE *json;
    if (count != 2 && count != 5)
        return 2;
    if (count == 5) {
        size.width = atoi(words[2]);
        size.height = atoi(words[3]);
        size.scale = atoi(words[4]);
    }
    data = sheet_data_new();
    for (int k = 0; k < SHEET_FIGURES; k++) {
        seqnn_figure *figure = sheet_figures[k].make(&data, size);
        snprintf(path, sizeof path, "%s/%s_seqnn.png", words[1], sheet_figures[k].name);
        if (seqnn_figure_save(figure, path) != SEQNN_OK) {
            fprintf(stderr, "contact: %s\n", seqnn_error());
            return 1;
        }
        seqnn_figure_free(figure);
    }
    snprintf(path, sizeof path, "%s/data.json", words[1]);
    json = fopen(path, "w");
    if (json == NULL) {
        fprintf(stderr, "contact: cannot write %s\n", path);
        return 1;
    }
    sheet_json(json, &data);
    return fclose(json) != 0;
}
