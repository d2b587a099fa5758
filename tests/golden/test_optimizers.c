/* Optimisers, learning-rate schedules and clips against PyTorch and Keras. The records
 * are of record.py. */
#include "golden.h"
#include "golden_optimizer.h"

static golden_record record;

/* ---- optimisers: five steps down L = sum c/2 (w - t)^2 ---- */

static void set_quadratic_gradient(const golden_case *c, seqnn_parameter *p)
{
    char curvature[8], target[8];
    snprintf(curvature, sizeof curvature, "c_%s", p->name);
    snprintf(target, sizeof target, "t_%s", p->name);
    const float *curve = golden_get(c, curvature)->values;
    const float *t = golden_get(c, target)->values;
    for (seqnn_size i = 0; i < p->rows * p->columns; i++)
        p->gradient[i] = curve[i] * (p->value[i] - t[i]);
}

/* Twice: Nesterov, the schedules and the corrections must begin anew after a reset. */
static void optimizer_case(golden_case *c)
{
    enum { STEPS = 5, MOST = 12 };
    float path_W[STEPS * MOST], path_b[STEPS * MOST];
    const golden_tensor *W_0 = golden_get(c, "W"), *b_0 = golden_get(c, "b");
    seqnn_model *model = seqnn_model_new(1);
    seqnn_vectors(model, W_0->shape[0], (seqnn_source_options){0});
    seqnn_layer *dense = seqnn_dense(model, W_0->shape[1], (seqnn_dense_options){0});
    seqnn_parameter *W = seqnn_layer_parameter(dense, "W");
    seqnn_parameter *b = seqnn_layer_parameter(dense, "b");
    seqnn_optimizer optimizer = optimizer_of(c);
    assert_true(W && b && W_0->size <= MOST);
    for (int round = 0; round < 2; round++) {
        seqnn_layer_set(dense, "W", W_0->values);
        seqnn_layer_set(dense, "b", b_0->values);
        for (int step = 0; step < STEPS; step++) {
            set_quadratic_gradient(c, W);
            set_quadratic_gradient(c, b);
            if (seqnn_step(model, optimizer))
                fail_msg("%s: %s", c->name, seqnn_error());
            memcpy(path_W + step * W_0->size, W->value,
                   (size_t)W_0->size * sizeof *path_W);
            memcpy(path_b + step * b_0->size, b->value,
                   (size_t)b_0->size * sizeof *path_b);
        }
        assert_int_equal(seqnn_steps(model), STEPS);
        golden_compare(c, "path_W", path_W, STEPS * W_0->size);
        golden_compare(c, "path_b", path_b, STEPS * b_0->size);
        seqnn_reset_optimizer(model);
    }
    seqnn_free(model);
}

static void optimizer_cases(const char *framework)
{
    char beginning[32];
    static const char *const kinds[] = {"sgd",     "momentum", "nesterov",
                                        "rmsprop", "adam",     "adagrad"};
    for (int i = 0; i < record.count; i++)
        if (golden_option(&record.cases[i], "kind") &&
            golden_is(&record.cases[i], "framework", framework))
            optimizer_case(&record.cases[i]);
    for (int i = 0; i < 6; i++) {
        snprintf(beginning, sizeof beginning, "%s_%s", framework, kinds[i]);
        golden_report(&record, beginning);
    }
}

static void optimizers_agree_with_pytorch(void **state)
{
    (void)state;
    optimizer_cases("torch");
}

static void optimizers_agree_with_keras(void **state)
{
    (void)state;
    optimizer_cases("keras");
}

/* ---- schedules ---- */

static void schedules_agree(void **state)
{
    (void)state;
    for (int i = 0; i < record.count; i++) {
        golden_case *c = &record.cases[i];
        const golden_tensor *rates = golden_look(c, "rates");
        if (!rates)
            continue;
        seqnn_optimizer optimizer = optimizer_of(c);
        for (seqnn_size k = 0; k < rates->size; k++) {
            float rate = seqnn_learning_rate(optimizer, k);
            double difference = golden_difference(1, &rate, rates->values + k);
            if (rates->values[k] < 1e-12f) /* the cosine's end, but for rounding */
                difference = rate;
            golden_note(c, "rates", difference);
        }
    }
    golden_report(&record, "keras_schedule_");
    golden_report(&record, "torch_schedule_");
}

/* ---- clips ---- */

static const char *const clipped_parameters[] = {"W", "b", "V", "c"};

/* The parameters W, b of one dense layer and V, c of the next. */
static seqnn_parameter *clipped_parameter(seqnn_model *model, int i)
{
    return seqnn_layer_parameter(seqnn_model_layer_at(model, 1 + i / 2),
                                 i % 2 ? "b" : "W");
}

static seqnn_model *model_to_clip(const golden_case *c)
{
    seqnn_model *model = seqnn_model_new(1);
    seqnn_vectors(model, golden_get(c, "W")->shape[0], (seqnn_source_options){0});
    seqnn_dense(model, golden_get(c, "b")->size, (seqnn_dense_options){0});
    seqnn_dense(model, golden_get(c, "c")->size, (seqnn_dense_options){0});
    for (int i = 0; i < 4; i++) {
        const golden_tensor *g = golden_get(c, clipped_parameters[i]);
        memcpy(clipped_parameter(model, i)->gradient, g->values,
               (size_t)g->size * sizeof *g->values);
    }
    return model;
}

static void clip_case(golden_case *c)
{
    seqnn_model *model = model_to_clip(c);
    float threshold = golden_real(c, "threshold", 0);
    bool by_value = golden_is(c, "how", "value"), by_norm = golden_is(c, "how", "norm");
    float global = seqnn_gradient_norm(model);
    float norm = by_value  ? seqnn_clip_by_value(model, threshold, 0)
                 : by_norm ? seqnn_clip_by_norm(model, threshold, 0)
                           : seqnn_clip_by_global_norm(model, threshold, 0);
    if (golden_look(c, "norm"))
        golden_compare(c, "norm", &norm, 1);
    if (!by_norm)
        golden_note(c, "the norm before", golden_difference(1, &norm, &global));
    for (int i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "clipped_%s", clipped_parameters[i]);
        const seqnn_parameter *p = clipped_parameter(model, i);
        golden_compare(c, name, p->gradient, p->rows * p->columns);
    }
    seqnn_free(model);
}

static void clips_agree(void **state)
{
    (void)state;
    for (int i = 0; i < record.count; i++)
        if (golden_option(&record.cases[i], "how"))
            clip_case(&record.cases[i]);
    golden_report(&record, "torch_clip_grad_norm");
    golden_report(&record, "torch_clip_grad_value");
    golden_report(&record, "keras_clipnorm");
    golden_report(&record, "keras_global_clipnorm");
    golden_report(&record, "keras_clipvalue");
}

static int read_record(void **state)
{
    (void)state;
    record = golden_read("optimizers.txt");
    return 0;
}

static int free_record(void **state)
{
    (void)state;
    golden_free(&record);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimizers_agree_with_pytorch),
        cmocka_unit_test(optimizers_agree_with_keras),
        cmocka_unit_test(schedules_agree),
        cmocka_unit_test(clips_agree),
    };
    return cmocka_run_group_tests(tests, read_record, free_record);
}
