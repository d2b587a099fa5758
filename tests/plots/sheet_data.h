/* The numbers of the contact sheet's figures, made by formulas: what a course on
 * recurrent networks plots, in shape and size. */
#ifndef SHEET_DATA_H
#define SHEET_DATA_H

#include <math.h>
#include <stdlib.h>

#include "config.h"

enum {
    EPOCHS = 20,
    CELLS = 3,
    STEPS = 30,
    FLOWS = 4,
    GROUPS = 4,
    GROUP_WORDS = 8,
    WEIGHTS = 2000,
    CLASSES = 5,
    NEWS = 14,
    FEATURES = 8,
    EIGENVALUES = 64,
    MONTHS = 96,
    KNOWN = 72,
    SOURCE = 8,
    TARGET = 7,
    CLOUD_GROUPS = 2,
    CLOUD_WORDS = 28
};

static const char *const cell_names[CELLS] = {"simple RNN", "GRU", "LSTM"};
static const char *const flow_names[FLOWS] = {
    "RNN, \xCF\x81 = 0.8", "RNN, \xCF\x81 = 1.0", "RNN, \xCF\x81 = 1.3", "LSTM"};
static const char *const group_names[GROUPS] = {"people", "places", "numbers", "verbs"};
static const char *const group_words[GROUPS * GROUP_WORDS] = {
    "king",  "queen",  "prince", "duchess", "minister", "farmer", "doctor",  "teacher",
    "Paris", "London", "Berlin", "village", "harbour",  "castle", "market",  "island",
    "one",   "two",    "three",  "seven",   "twelve",   "forty",  "hundred", "thousand",
    "walk",  "run",    "speak",  "whisper", "write",    "read",   "build",   "forget"};
static const char *const class_names[CLASSES] = {"business", "entertainment", "politics",
                                                 "sport", "tech"};
static const char *const news_names[NEWS] = {
    "alt.atheism",           "comp.graphics",          "comp.os.ms-windows.misc",
    "comp.windows.x",        "misc.forsale",           "rec.autos",
    "rec.motorcycles",       "rec.sport.hockey",       "sci.crypt",
    "sci.electronics",       "soc.religion.christian", "talk.politics.guns",
    "talk.politics.mideast", "talk.religion.misc"};
static const char *const feature_names[FEATURES] = {
    "temperature", "pressure", "humidity", "wind", "rain", "cloud", "hour", "season"};
static const char *const source_words[SOURCE] = {"the", "agreement", "was",  "signed",
                                                 "in",  "August",    "1992", "."};
static const char *const target_words[TARGET] = {
    "l'accord", "a", "\xC3\xA9t\xC3\xA9", "sign\xC3\xA9", "en", "ao\xC3\xBBt", "1992"};
static const char *const cloud_names[CLOUD_GROUPS] = {"sport", "business"};
static const char *const cloud_words[CLOUD_GROUPS * CLOUD_WORDS] = {
    "match",    "win",    "final",  "cup",      "coach",  "season",   "goal",
    "team",     "race",   "title",  "injury",   "side",   "champion", "league",
    "Olympic",  "player", "record", "defeat",   "round",  "medal",    "squad",
    "open",     "tennis", "rugby",  "sprint",   "world",  "captain",  "return",
    "profit",   "bank",   "shares", "growth",   "deal",   "economy",  "market",
    "oil",      "sales",  "price",  "takeover", "budget", "rates",    "dollar",
    "jobs",     "trade",  "firm",   "debt",     "export", "euro",     "fund",
    "forecast", "cuts",   "loss",   "stake",    "court",  "airline",  "merger"};

typedef struct sheet_data {
    seqnn_real epoch_mean[CELLS][EPOCHS], epoch_deviation[CELLS][EPOCHS];
    seqnn_real flow[FLOWS][STEPS];
    seqnn_real word_x[GROUPS * GROUP_WORDS], word_y[GROUPS * GROUP_WORDS];
    seqnn_real weights_before[WEIGHTS], weights_after[WEIGHTS];
    seqnn_real f_score[NEWS];
    seqnn_real correlation[FEATURES * FEATURES];
    int64_t confusion[CLASSES * CLASSES];
    seqnn_real cloud[CLOUD_GROUPS * CLOUD_WORDS];
    seqnn_real real[EIGENVALUES], imaginary[EIGENVALUES];
    seqnn_real loss[EPOCHS], val_loss[EPOCHS], accuracy[EPOCHS], val_accuracy[EPOCHS];
    seqnn_real month[MONTHS], series[MONTHS], predicted[MONTHS];
    seqnn_real attention[TARGET * SOURCE];
} sheet_data;

/* A number in (0, 1); the same on every machine. */
static double sheet_uniform(void)
{
    static uint32_t state = 1992;
    state = state * 1664525u + 1013904223u;
    return ((state >> 8) + 0.5) / 16777216.0;
}

/* Nearly normal: the sum of twelve. */
static double sheet_normal(void)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += sheet_uniform();
    return sum;
}

static void sheet_fill_training(sheet_data *d)
{
    for (int e = 0; e < EPOCHS; e++) {
        for (int c = 0; c < CELLS; c++) {
            double pace = 7.0 - 2.2 * c, best = 0.74 + 0.07 * c;
            d->epoch_mean[c][e] =
                (seqnn_real)(best - 0.55 * exp(-e / pace) + 0.006 * sheet_normal());
            d->epoch_deviation[c][e] =
                (seqnn_real)((0.05 - 0.012 * c) * exp(-e / 12.0) + 0.008);
        }
        d->loss[e] = (seqnn_real)(1.6 * exp(-e / 4.5) + 0.05 + 0.01 * sheet_normal());
        d->val_loss[e] =
            (seqnn_real)(1.3 * exp(-e / 3.5) + 0.3 + 0.018 * e + 0.015 * sheet_normal());
        d->accuracy[e] = (seqnn_real)(0.995 - 0.75 * exp(-e / 3.5));
        d->val_accuracy[e] =
            (seqnn_real)(0.9 - 0.68 * exp(-e / 3.0) + 0.008 * sheet_normal());
    }
    for (int f = 0; f < FLOWS; f++) {
        static const double factor[FLOWS] = {0.62, 0.9, 1.22, 0.975};
        for (int t = 0; t < STEPS; t++)
            d->flow[f][t] = (seqnn_real)(0.2 * pow(factor[f], STEPS - 1 - t) *
                                         (1 + 0.2 * sin(3 * t + f)));
    }
    for (int i = 0; i < WEIGHTS; i++) {
        d->weights_before[i] = (seqnn_real)(0.1 * sheet_normal());
        d->weights_after[i] = (seqnn_real)(0.26 * sheet_normal() + 0.03);
    }
}

static void sheet_fill_words(sheet_data *d)
{
    static const double centre[GROUPS][2] = {{-3, 2}, {3, 2.4}, {2.6, -2.4}, {-2.6, -2}};
    for (int i = 0; i < GROUPS * GROUP_WORDS; i++) {
        d->word_x[i] = (seqnn_real)(centre[i / GROUP_WORDS][0] + 0.9 * sheet_normal());
        d->word_y[i] = (seqnn_real)(centre[i / GROUP_WORDS][1] + 0.8 * sheet_normal());
    }
    for (int i = 0; i < CLOUD_GROUPS * CLOUD_WORDS; i++)
        d->cloud[i] = (seqnn_real)floor(420.0 / (1.5 + i % CLOUD_WORDS));
    for (int i = 0; i < NEWS; i++)
        d->f_score[i] = (seqnn_real)(0.55 + 0.42 * sheet_uniform());
    for (int t = 0; t < TARGET; t++) {
        double sum = 0;
        for (int s = 0; s < SOURCE; s++) {
            double distance = s - (t == 0 ? 1 : t + 1 - (t >= 3 ? 0 : 0.3));
            double a = exp(-distance * distance / (0.3 + 0.25 * (t % 3))) + 0.02;
            d->attention[t * SOURCE + s] = (seqnn_real)a;
            sum += a;
        }
        for (int s = 0; s < SOURCE; s++)
            d->attention[t * SOURCE + s] /= (seqnn_real)sum;
    }
}

static void sheet_fill_matrices(sheet_data *d)
{
    static const int counts[CLASSES][CLASSES] = {{92, 2, 9, 0, 5},
                                                 {3, 71, 2, 1, 4},
                                                 {8, 1, 80, 0, 2},
                                                 {0, 1, 0, 104, 0},
                                                 {6, 5, 1, 0, 73}};
    for (int i = 0; i < CLASSES * CLASSES; i++)
        d->confusion[i] = counts[i / CLASSES][i % CLASSES];
    for (int i = 0; i < FEATURES; i++)
        for (int j = 0; j < FEATURES; j++)
            d->correlation[i * FEATURES + j] =
                (seqnn_real)(i == j ? 1
                                    : cos(1.7 * (i + j) + 0.9 * i * j) *
                                          exp(-0.15 * abs(i - j)));
    for (int i = 0; i < EIGENVALUES; i += 2) {
        double radius = 1.08 * sqrt(sheet_uniform()), angle = 3.14159 * sheet_uniform();
        d->real[i] = d->real[i + 1] = (seqnn_real)(radius * cos(angle));
        d->imaginary[i] = (seqnn_real)(radius * sin(angle));
        d->imaginary[i + 1] = -d->imaginary[i];
    }
    for (int t = 0; t < MONTHS; t++) {
        double truth = 20 + 0.12 * t + 6 * sin(t * 3.14159 / 6) + 2 * sin(t * 0.9);
        d->month[t] = (seqnn_real)t;
        d->series[t] = (seqnn_real)(truth + 0.8 * sheet_normal());
        d->predicted[t] =
            (seqnn_real)(t < KNOWN ? (double)NAN
                                   : truth + 0.09 * (t - KNOWN) * sin(t * 0.5));
    }
}

static inline sheet_data sheet_data_new(void)
{
    sheet_data data;
    sheet_fill_training(&data);
    sheet_fill_words(&data);
    sheet_fill_matrices(&data);
    return data;
}

#endif
