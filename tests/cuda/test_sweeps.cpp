/* The persistent sweeps beside the plain ones of the processor: every cell and reset,
 * both ways, lengths, directions, masks, states, gradient flow, and every way in which
 * blocks and clusters may share the work. */
#define SEQNN_IMPLEMENTATION
#include "../../seqnn.h"

#include "host_device.h"

#include "../../src/cuda/sweep_persistent.cuh"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
extern "C" {
#include <cmocka.h>
}

enum { DOUBLE = sizeof(seqnn_real) > 4 }; /* needs twice the memory */
enum variant { RNN, LSTM, GRU_BEFORE, GRU_AFTER, GRU_BIAS, VARIANTS };

struct test_case {
    variant cell;
    seqnn_size units, batch, time;
    bool uneven, backwards, mask, above, flow;
    seqnn_activation activation;
    bool bf16 = false; /* W_h is held so */
};

static seqnn_size gates_of(variant cell)
{
    return cell == RNN ? 1 : cell == LSTM ? 4 : 3;
}

/* A sweep and its memory, of both sides; filled alike for the same case. */
struct test_sweep {
    sq_device *device;
    sq_arena arena{};
    sq_packing packing{};
    sq_packed on_device{};
    sq_sweep sweep{};
    std::vector<void *> memory;
    std::mt19937 numbers{7};

    template <class T> T *room(seqnn_size count)
    {
        T *here = (T *)sq_device_take(device, SQ_OF_BOTH, count * (seqnn_size)sizeof(T));
        assert_int_equal(sq_device_status(device), SEQNN_OK);
        memory.push_back(here);
        return here;
    }

    template <class T> T *copy(const T *from, seqnn_size count)
    {
        T *here = room<T>(count);
        std::copy(from, from + count, here);
        return here;
    }

    seqnn_real *take(seqnn_size count, double size)
    {
        std::uniform_real_distribution<double> some(-size, size);
        seqnn_real *here = room<seqnn_real>(count);
        for (seqnn_size i = 0; i < count; i++)
            here[i] = (seqnn_real)some(numbers);
        return here;
    }

    void pack(const test_case &is)
    {
        sq_packing_plan(&packing, &arena, is.batch, is.time);
        assert_int_equal(sq_arena_commit(&arena), SEQNN_OK);
        sq_packing_plan(&packing, &arena, is.batch, is.time);
        std::vector<int32_t> start((size_t)is.batch), length((size_t)is.batch);
        for (seqnn_size k = 0; k < is.batch; k++)
            length[(size_t)k] =
                (int32_t)(is.uneven ? (k * 5 + 3) % (is.time + 1) : is.time);
        assert_int_equal(
            sq_pack(&packing, "test", is.batch, is.time, start.data(), length.data()),
            SEQNN_OK);
        on_device = sq_packed{packing.batch,
                              packing.time,
                              packing.steps,
                              packing.rows,
                              copy(packing.order, packing.batch),
                              copy(packing.length, packing.batch),
                              copy(packing.offset, packing.steps + 1),
                              copy(packing.source, packing.rows)};
    }

    test_sweep(sq_device *on, const test_case &is) : device(on)
    {
        pack(is);
        const seqnn_size G = gates_of(is.cell), H = is.units;
        const seqnn_size rows = packing.rows, states = is.batch * H;
        sweep.packing = &packing;
        sweep.units = H;
        sweep.backwards = is.backwards;
        sweep.activation = is.activation;
        sweep.reset = is.cell == GRU_BEFORE  ? SEQNN_RESET_BEFORE
                      : is.cell == GRU_AFTER ? SEQNN_RESET_AFTER
                      : is.cell == GRU_BIAS  ? SEQNN_RESET_AFTER_RECURRENT_BIAS
                                             : SEQNN_RESET_DEFAULT;
        sweep.W_h = take(H * G * H, 1.5 / sqrt((double)H));
        sweep.b_h = is.cell == GRU_BIAS ? take(3 * H, 0.5) : NULL;
        if (is.mask) {
            seqnn_real *mask = take(states, 1);
            for (seqnn_size i = 0; i < states; i++)
                mask[i] = mask[i] < 0 ? 0 : 2;
            sweep.mask = mask;
        }
        sweep.h_0 = take(states, 1);
        sweep.C_0 = take(states, 1);
        sweep.h_state = copy(sweep.h_0, states);
        sweep.C_state = copy(sweep.C_0, states);
        sweep.gates = take(rows * G * H, 1);
        sweep.h_prev = take(rows * H, 0);
        sweep.h = take(rows * H, 0);
        sweep.C = take(rows * H, 0);
        sweep.tanh_C = take(rows * H, 0);
        sweep.inner = take(rows * H, 0);
        sweep.dh = is.above ? take(rows * H, 1) : NULL;
        sweep.dgates = take(rows * G * H, 0);
        sweep.dinner = take(rows * H, 0);
        sweep.dh_state = take(states, 1);
        sweep.dC_state = take(states, 1);
        sweep.flow = is.flow ? room<double>(rows) : NULL;
    }

    ~test_sweep()
    {
        for (void *piece : memory)
            sq_device_give(device, SQ_OF_BOTH, piece);
        sq_arena_free(&arena);
    }
    test_sweep(const test_sweep &) = delete;
    test_sweep &operator=(const test_sweep &) = delete;
};

static sq_cuda_sweep on_device(const test_case &is, const test_sweep &test)
{
    return sq_cuda_sweep_of(is.cell == RNN    ? SQ_CELL_RNN
                            : is.cell == LSTM ? SQ_CELL_LSTM
                                              : SQ_CELL_GRU,
                            &test.sweep, test.on_device);
}

static void assert_close(const char *what, const test_case &is, seqnn_size count,
                         const seqnn_real *a, const seqnn_real *b)
{
    double most = 0, size = 1;
    for (seqnn_size i = 0; i < count; i++) {
        size = fmax(size, fabs((double)a[i]));
        most = a[i] == a[i] && b[i] == b[i]
                   ? fmax(most, fabs((double)a[i] - (double)b[i]))
                   : INFINITY;
    }
    if (!(most <= 1e-5 * size))
        fail_msg(
            "cell %d, units %td, batch %td, time %td%s%s%s%s: %s is apart by %g of %g",
            is.cell, is.units, is.batch, is.time, is.uneven ? ", uneven" : "",
            is.backwards ? ", backwards" : "", is.mask ? ", mask" : "",
            is.flow ? ", flow" : "", what, most, size);
}

static const sq_cell *plain_cell(variant cell)
{
    return cell == RNN    ? sq_simple_rnn_plain()
           : cell == LSTM ? sq_lstm_plain()
                          : sq_gru_plain();
}

static void compare_forward(const test_case &is, const test_sweep &a, const test_sweep &b)
{
    const seqnn_size H = is.units, wide = a.packing.rows * H, states = is.batch * H;
    const sq_sweep &x = a.sweep, &y = b.sweep;
    assert_close("h", is, wide, x.h, y.h);
    assert_close("h_state", is, states, x.h_state, y.h_state);
    if (sq_keeps_h_prev(&x))
        assert_close("h_prev", is, wide, x.h_prev, y.h_prev);
    if (is.cell != RNN)
        assert_close("gates", is, wide * gates_of(is.cell), x.gates, y.gates);
    assert_close("C", is, wide, x.C, y.C);
    assert_close("tanh_C", is, wide, x.tanh_C, y.tanh_C);
    assert_close("inner", is, wide, x.inner, y.inner);
    assert_close("C_state", is, states, x.C_state, y.C_state);
}

static void compare_backward(const test_case &is, const test_sweep &a,
                             const test_sweep &b)
{
    const seqnn_size H = is.units, wide = a.packing.rows * H, states = is.batch * H;
    const sq_sweep &x = a.sweep, &y = b.sweep;
    assert_close("dgates", is, wide * gates_of(is.cell), x.dgates, y.dgates);
    assert_close("dinner", is, wide, x.dinner, y.dinner);
    assert_close("dh_state", is, states, x.dh_state, y.dh_state);
    assert_close("dC_state", is, states, x.dC_state, y.dC_state);
    for (seqnn_size row = 0; is.flow && row < a.packing.rows; row++)
        if (!(fabs(x.flow[row] - y.flow[row]) <= 1e-5 * fmax(1, x.flow[row])))
            fail_msg("cell %d: flow of row %td is %g, expected %g", is.cell, row,
                     y.flow[row], x.flow[row]);
}

/* W_h rounded to BF16: to the upper half of a float, the nearer of the two, or the even
 * one. */
static void round_W_h(const test_case &is, test_sweep &test)
{
    seqnn_real *W = (seqnn_real *)test.sweep.W_h;
    for (seqnn_size i = 0; i < is.units * is.units * gates_of(is.cell); i++) {
        const float x = (float)W[i];
        uint32_t bits;
        memcpy(&bits, &x, sizeof bits);
        const uint32_t lower = bits & 0xffff0000, upper = lower + 0x10000;
        float down, up;
        memcpy(&down, &lower, sizeof down);
        memcpy(&up, &upper, sizeof up);
        const double below = fabs((double)x - down), above = fabs((double)up - x);
        const bool even = (lower >> 16) % 2 == 0;
        W[i] = below < above || (below == above && even) ? down : up;
    }
}

/* By the plan that is chosen, or by the one of so many rows and ranks, where a device can
 * do it. */
static void compare(const test_case &is, int rows, int ranks)
{
    sq_device *device = sq_device_open();
    assert_non_null(device);
    if (is.bf16 && sq_device_use_precision(device, SEQNN_BFLOAT16)) {
        sq_device_close(device);
        return;
    }
    if (ranks <= sq_device_cluster(device)) {
        test_sweep plain(device, is), persistent(device, is);
        if (is.bf16)
            round_W_h(is, plain);
        const sq_cuda_sweep sweep = on_device(is, persistent);
        sq_sweep_plan plan[2];
        for (int back = 0; back < 2; back++)
            plan[back] = rows == 0 ? sq_plan_sweep(device, sweep, back)
                                   : sq_plan_of(sweep, back, rows, ranks,
                                                sq_device_clusters(device, ranks),
                                                sq_device_shared(device), is.bf16);
        const bool both = plan[0].clocks > 0 && plan[1].clocks > 0;
        assert_true(both || DOUBLE || sq_device_shared(device) < 227 * 1024);
        if (both) {
            plain_cell(is.cell)->forward(&plain.sweep, 0, is.batch);
            sq_persistent_run<sq_sweep_forward>(device, sweep, plan[0]);
            assert_int_equal(sq_device_status(device), SEQNN_OK);
            compare_forward(is, plain, persistent);

            plain_cell(is.cell)->backward(&plain.sweep, 0, is.batch);
            sq_persistent_run<sq_sweep_backward>(device, sweep, plan[1]);
            assert_int_equal(sq_device_status(device), SEQNN_OK);
            compare_backward(is, plain, persistent);
        }
    }
    sq_device_close(device);
}

/* ---- tests ---- */

static void test_options(void **state)
{
    (void)state;
    for (int cell = 0; cell < VARIANTS; cell++)
        for (int options = 0; options < 32; options++) {
            test_case is = {(variant)cell, 7,     5,     6,     false,
                            false,         false, false, false, SEQNN_TANH};
            is.uneven = options & 1;
            is.backwards = options & 2;
            is.mask = options & 4;
            is.above = options & 8;
            is.flow = options & 16;
            compare(is, 0, 0);
            compare(is, 4, 2);
        }
}

static void test_shares(void **state)
{
    (void)state;
    for (int cell = 0; cell < VARIANTS; cell++)
        for (int rows = 1; rows <= 8; rows *= 2)
            for (int ranks = 1; ranks <= 16; ranks *= 2) {
                const test_case is = {
                    (variant)cell,  13,       11,   4,         true,
                    ranks % 4 == 2, rows > 1, true, ranks > 2, SEQNN_TANH};
                compare(is, rows, ranks);
            }
}

static void test_sizes(void **state)
{
    (void)state;
    const seqnn_size units[] = {1, 2, 3, 4, 31, 64, 100, 128};
    for (int cell = 0; cell < VARIANTS; cell++)
        for (seqnn_size H : units) {
            const test_case is = {(variant)cell, H,     3,    3,     true,
                                  false,         false, true, false, SEQNN_TANH};
            compare(is, 0, 0);
        }
}

/* More in shared memory than in registers, and more rows than go at once. */
static void test_large(void **state)
{
    (void)state;
    const test_case one = {LSTM, 124, 9, 2, false, false, true, true, true, SEQNN_TANH};
    compare(one, 4, 1);
    const test_case many = {GRU_BEFORE, 160,  9,    2,    false,
                            true,       true, true, true, SEQNN_TANH};
    compare(many, 8, 4);
    const test_case cluster = {LSTM,  256,   9,    2,     false,
                               false, false, true, false, SEQNN_TANH};
    compare(cluster, 8, 8);
}

/* A sweep with W_h in BF16 is that of a W_h which was rounded before. */
static void test_bfloat16(void **state)
{
    (void)state;
    for (int cell = 0; cell < VARIANTS && !DOUBLE; cell++) {
        for (seqnn_size units : {1, 7, 40, 128}) {
            const test_case is = {(variant)cell, units,      5,    3,
                                  true,          units == 7, true, true,
                                  units == 7,    SEQNN_TANH, true};
            compare(is, 2, 1);
        }
        for (int rows = 1; rows <= 8; rows *= 2) {
            const test_case is = {(variant)cell, 26,         9,    3,
                                  true,          rows == 2,  true, true,
                                  rows == 4,     SEQNN_TANH, true};
            compare(is, rows, rows);
        }
    }
}

/* What fits registers and shared memory of a cluster of 16, or in BF16 of 8. */
static void test_hidden_512(void **state)
{
    (void)state;
    const test_case lstm = {LSTM, 512, 9, 2, true, false, true, true, false, SEQNN_TANH};
    compare(lstm, 4, 16);
    compare(lstm, 0, 0);
    const test_case gru = {GRU_BEFORE, 512,   3,    2,     false,
                           true,       false, true, false, SEQNN_TANH};
    compare(gru, 4, 16);
    test_case half = lstm;
    half.bf16 = true;
    compare(half, 4, 8);
}

static void test_activations(void **state)
{
    (void)state;
    for (seqnn_activation activation :
         {SEQNN_TANH, SEQNN_RELU, SEQNN_SIGMOID, SEQNN_LINEAR}) {
        const test_case is = {RNN, 19, 6, 5, true, true, true, true, true, activation};
        compare(is, 0, 0);
    }
}

/* No sequence, or none with a step, is nothing to do: states stay. */
static void test_nothing(void **state)
{
    (void)state;
    for (int cell = 0; cell < VARIANTS; cell++) {
        const test_case no_steps = {(variant)cell, 5,    4,    0,    false,
                                    false,         true, true, true, SEQNN_TANH};
        compare(no_steps, 0, 0);
        const test_case none = {(variant)cell, 5,     0,    3,     false,
                                false,         false, true, false, SEQNN_TANH};
        sq_device *device = sq_device_open();
        {
            test_sweep test(device, none);
            sq_persistent_forward(device, on_device(none, test));
            sq_persistent_backward(device, on_device(none, test));
            assert_int_equal(device->launches, 0);
        }
        sq_device_close(device);
    }
}

/* What is refused, and that a plan stays within a device. */
static void test_fits(void **state)
{
    (void)state;
    sq_device *device = sq_device_open();
    {
        const test_case is = {LSTM,  128,   128,   2,     false,
                              false, false, false, false, SEQNN_TANH};
        const test_case large = {LSTM,  1024,  2,     1,     false,
                                 false, false, false, false, SEQNN_TANH};
        test_sweep test(device, is), too_large(device, large);
        sq_cuda_sweep sweep = on_device(is, test);
        device->shared = 227 * 1024;
        assert_false(sq_persistent_fits(device, on_device(large, too_large)));
        device->cluster = 1;
        assert_true(DOUBLE || sq_persistent_fits(device, sweep)); /* half in registers */
        device->shared = 64 * 1024; /* of compute capability 7.5 */
        assert_false(sq_persistent_fits(device, sweep));
        device->shared = 227 * 1024;
        sweep.truncate = 3;
        assert_false(sq_persistent_fits(device, sweep));
        sweep.truncate = 0;
        sweep.skip = 2;
        assert_false(sq_persistent_fits(device, sweep));
    }
    sq_device_close(device);
}

static void test_failed_launch(void **state)
{
    (void)state;
    const test_case is = {GRU_BIAS, 9, 4, 3, true, false, true, true, true, SEQNN_TANH};
    sq_device *device = sq_device_open();
    {
        test_sweep plain(device, is), persistent(device, is);
        host_device.launches = 1;
        sq_persistent_forward(device, on_device(is, persistent));
        sq_persistent_backward(device, on_device(is, persistent));
        host_device.launches = -1;
        assert_int_not_equal(sq_device_status(device), SEQNN_OK);
        /* The processor goes on from there. */
        plain_cell(is.cell)->forward(&plain.sweep, 0, is.batch);
        plain_cell(is.cell)->backward(&plain.sweep, 0, is.batch);
        plain_cell(is.cell)->backward(&persistent.sweep, 0, is.batch);
        compare_backward(is, plain, persistent);
    }
    sq_device_close(device);
    assert_int_equal(host_device.open, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),     cmocka_unit_test(test_shares),
        cmocka_unit_test(test_sizes),       cmocka_unit_test(test_large),
        cmocka_unit_test(test_bfloat16),    cmocka_unit_test(test_hidden_512),
        cmocka_unit_test(test_activations), cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_fits),        cmocka_unit_test(test_failed_launch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
