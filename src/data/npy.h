/* data/npy.h - NumPy's array files
 *
 *     numpy.save("x.npy", x)     ->  seqnn_npy_read("x.npy")->array[0]
 *     x = numpy.load("y.npy")    <-  seqnn_npy_write("y.npy", &y)
 *
 * Versions 1 to 3 of the format are read, both byte orders, floats (f2, f4, f8), integers
 * (i1 to i8, u1 to u8) and bool. An array in Fortran order is turned into C order.
 * (NEP 1, "A simple file format for NumPy arrays")
 */
#ifndef SEQNN_NPY_H
#define SEQNN_NPY_H

#include "safetensors.h"

/* One array, by the name "array", with its owner: give it to seqnn_safetensors_free. u2
 * becomes SEQNN_I32, u4 and u8 become SEQNN_I64. NULL with the error set if it is no such
 * file, is cut off, has something behind the array, has another element type (objects,
 * text, records, complex numbers), more than SEQNN_ARRAY_RANK dimensions, or a u8 beyond
 * 2^63 - 1. */
SEQNN_API seqnn_safetensors *seqnn_npy_read(const char *path);

/* Writes a file, whole or not at all; the array's name is not in it. Error: SEQNN_BF16,
 * which NumPy lacks, a shape that is no size, a file that cannot be written. */
SEQNN_API seqnn_status seqnn_npy_write(const char *path, const seqnn_named_array *array);

#endif
