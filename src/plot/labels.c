/* plot/labels.c - words beside points, none over another */
#include "labels.h"

#ifdef SEQNN_PLOT

#include "memory.h"

#define SQ_LABEL_GAP 2.5   /* from a symbol to its label */
#define SQ_LABEL_SPACE 1.5 /* around labels and lines, at least */
#define SQ_LABEL_ANY 1e9   /* more than any place costs */
#define SQ_LABEL_CELL 20.0 /* of the grids that find neighbours */
#define SQ_LABEL_FINE 4.0  /* of the one that knows crowds, or larger */

/* Passes of improvement, which end early after so many looks at a place: a crowd of
 * 100,000 labels has none to spare anyway. */
enum { SQ_LABEL_PASSES = 4, SQ_LABEL_LOOKS = 100000, SQ_LABEL_CELLS = 800 };

/* Not fmax and fmin, which are slow for the sake of NaN. */
static double sq_label_max(double a, double b)
{
    return a > b ? a : b;
}

static double sq_label_min(double a, double b)
{
    return a < b ? a : b;
}

/* --- places --- */

void sq_label_move(sq_label *label, int place)
{
    /* Where the box's middle is from the point, in half widths and half heights: right,
     * left, above, below, the diagonals, and above and below but shifted. */
    static const double near_places[SQ_LABEL_NEAR][2] = {
        {1, 0},  {-1, 0},  {0, -1},   {0, 1},   {1, -1},    {1, 1},
        {-1, 1}, {-1, -1}, {0.5, -1}, {0.5, 1}, {-0.5, -1}, {-0.5, 1}};
    const sq_spot *spot = &label->spot;
    double side_x, side_y, away_x, away_y, reach = spot->radius + SQ_LABEL_GAP;
    label->place = place;
    label->leader = place >= SQ_LABEL_NEAR;
    if (!label->leader) {
        side_x = near_places[place][0];
        side_y = near_places[place][1];
        /* A corner may come nearer than a side. */
        away_x = side_x * reach * (side_y == 0 ? 1 : 0.6);
        away_y = side_y * reach * (fabs(side_x) == 1 ? 0.6 : 1);
    } else {
        static const double rings[SQ_LABEL_RINGS] = {9, 18, 30};
        /* cos(2 pi i / 16), i = 0, ..., 19 */
        static const double turn[SQ_LABEL_ANGLES + SQ_LABEL_ANGLES / 4] = {
            1,        0.92388, 0.70711,  0.38268,  0,        -0.38268, -0.70711,
            -0.92388, -1,      -0.92388, -0.70711, -0.38268, 0,        0.38268,
            0.70711,  0.92388, 1,        0.92388,  0.70711,  0.38268};
        int at = place - SQ_LABEL_NEAR, angle = at % SQ_LABEL_ANGLES;
        double dx = turn[angle], dy = turn[angle + SQ_LABEL_ANGLES / 4];
        reach += rings[at / SQ_LABEL_ANGLES];
        away_x = dx * reach;
        away_y = dy * reach;
        side_x = sq_label_min(sq_label_max(1.5 * dx, -1), 1);
        side_y = sq_label_min(sq_label_max(1.5 * dy, -1), 1);
    }
    label->left = spot->x + away_x + (side_x - 1) * label->width / 2;
    label->top = spot->y + away_y + (side_y - 1) * label->height / 2;
    if (label->leader) {
        double end_x =
            sq_label_min(sq_label_max(spot->x, label->left), label->left + label->width);
        double end_y =
            sq_label_min(sq_label_max(spot->y, label->top), label->top + label->height);
        double dx = end_x - spot->x, dy = end_y - spot->y;
        double length = sq_label_max(sqrt(dx * dx + dy * dy), 1e-9);
        label->line[0] = spot->x + dx / length * (spot->radius + 1);
        label->line[1] = spot->y + dy / length * (spot->radius + 1);
        label->line[2] =
            spot->x + dx / length * sq_label_max(length - 1, spot->radius + 1);
        label->line[3] =
            spot->y + dy / length * sq_label_max(length - 1, spot->radius + 1);
    }
}

/* The lower, the better: places near the point in their order, then short lines. */
static double sq_label_cost(int place)
{
    static const double steep[SQ_LABEL_ANGLES] = {0, 2, 3, 4, 4, 4, 3, 2,
                                                  0, 2, 3, 4, 4, 4, 3, 2};
    int at = place - SQ_LABEL_NEAR;
    if (at < 0)
        return place;
    return 20 + 20 * (at / SQ_LABEL_ANGLES) + steep[at % SQ_LABEL_ANGLES];
}

static bool sq_label_apart(const double a[4], const double b[4])
{
    return a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
}

static void sq_label_box(const sq_label *label, double space, double box[4])
{
    box[0] = label->left - space;
    box[1] = label->top - space;
    box[2] = label->left + label->width + space;
    box[3] = label->top + label->height + space;
}

/* Does a line come into a box? */
static bool sq_label_line_meets_box(const double line[4], const double box[4])
{
    double from = 0, to = 1;
    for (int i = 0; i < 2; i++) {
        double start = line[i], step = line[i + 2] - line[i];
        double enter = box[i] - start, leave = box[i + 2] - start;
        if (fabs(step) < 1e-12) {
            if (enter > 0 || leave < 0)
                return false;
            continue;
        }
        from = sq_label_max(from, sq_label_min(enter / step, leave / step));
        to = sq_label_min(to, sq_label_max(enter / step, leave / step));
    }
    return from <= to;
}

/* On which side of a line does a point lie? */
static double sq_label_side(const double line[4], double x, double y)
{
    return (line[2] - line[0]) * (y - line[1]) - (line[3] - line[1]) * (x - line[0]);
}

static bool sq_label_lines_cross(const double a[4], const double b[4])
{
    return sq_label_side(a, b[0], b[1]) * sq_label_side(a, b[2], b[3]) < 0 &&
           sq_label_side(b, a[0], a[1]) * sq_label_side(b, a[2], a[3]) < 0;
}

/* Square of the distance from a spot's middle to a box, and to a line. */
static double sq_label_box_distance(const double box[4], const sq_spot *spot)
{
    double dx = sq_label_max(sq_label_max(box[0] - spot->x, spot->x - box[2]), 0);
    double dy = sq_label_max(sq_label_max(box[1] - spot->y, spot->y - box[3]), 0);
    return dx * dx + dy * dy;
}

static double sq_label_line_distance(const double line[4], const sq_spot *spot)
{
    double dx = line[2] - line[0], dy = line[3] - line[1];
    double length2 = dx * dx + dy * dy, t = 0;
    if (length2 > 0)
        t = ((spot->x - line[0]) * dx + (spot->y - line[1]) * dy) / length2;
    t = sq_label_min(sq_label_max(t, 0), 1);
    dx = spot->x - line[0] - t * dx;
    dy = spot->y - line[1] - t * dy;
    return dx * dx + dy * dy;
}

/* The box that other words keep out of. */
static void sq_label_own(const sq_label *label, double box[4])
{
    sq_label_box(label, SQ_LABEL_SPACE, box);
    box[0] = label->left - SQ_LABEL_BESIDE;
    box[2] = label->left + label->width + SQ_LABEL_BESIDE;
}

static bool sq_label_conflict(const sq_label *a, const sq_label *b)
{
    double box_a[4], box_b[4];
    sq_label_own(a, box_a);
    sq_label_box(b, 0, box_b);
    if (!sq_label_apart(box_a, box_b))
        return true;
    sq_label_box(a, SQ_LABEL_SPACE, box_a);
    if (b->leader && sq_label_line_meets_box(b->line, box_a))
        return true;
    sq_label_box(b, SQ_LABEL_SPACE, box_b);
    return a->leader && (sq_label_line_meets_box(a->line, box_b) ||
                         (b->leader && sq_label_lines_cross(a->line, b->line)));
}

/* --- the map: which labels and which spots are near --- */

typedef struct sq_label_link {
    seqnn_size label, next;
} sq_label_link;

typedef struct sq_label_map {
    const sq_label_field *field;
    sq_label *labels;
    seqnn_size columns, rows;
    double cell_width, cell_height, largest; /* radius of a spot */
    seqnn_size *first;                       /* [cells + 1] of the spots' order */
    seqnn_size *order;                       /* spots, cell by cell */
    seqnn_size *head;                        /* [cells], first link or -1 */
    sq_label_link *links;
    seqnn_size link_count, link_room, link_free;
    seqnn_size looks; /* how many places were looked at */

    /* Finer cells: how many spots lie in all those above and to the left of a corner, so
     * that four corners tell of a rectangle in a crowd that it holds some. */
    double fine;
    seqnn_size fine_columns, fine_rows;
    seqnn_size *spots_before; /* [fine_rows + 1, fine_columns + 1] */
} sq_label_map;

typedef struct sq_label_cells {
    seqnn_size left, top, right, bottom; /* all inside */
} sq_label_cells;

static seqnn_size sq_label_cell(double at, double size, seqnn_size count)
{
    double cell = floor(at / size);
    return cell > 0 ? (seqnn_size)sq_label_min(cell, (double)count - 1) : 0;
}

static sq_label_cells sq_label_cells_of(const sq_label_map *map, const double box[4],
                                        double space)
{
    const sq_label_field *field = map->field;
    sq_label_cells cells;
    cells.left =
        sq_label_cell(box[0] - space - field->left, map->cell_width, map->columns);
    cells.right =
        sq_label_cell(box[2] + space - field->left, map->cell_width, map->columns);
    cells.top = sq_label_cell(box[1] - space - field->top, map->cell_height, map->rows);
    cells.bottom =
        sq_label_cell(box[3] + space - field->top, map->cell_height, map->rows);
    return cells;
}

/* The same and the label's line. */
static void sq_label_extent(const sq_label *label, double box[4])
{
    sq_label_own(label, box);
    if (label->leader) {
        box[0] = sq_label_min(box[0], label->line[0]);
        box[1] = sq_label_min(box[1], label->line[1]);
        box[2] = sq_label_max(box[2], label->line[0]);
        box[3] = sq_label_max(box[3], label->line[1]);
    }
}

static void sq_label_map_close(sq_label_map *map)
{
    sq_free(map->first);
    sq_free(map->order);
    sq_free(map->head);
    sq_free(map->links);
    sq_free(map->spots_before);
}

static seqnn_size sq_label_spot_cell(const sq_label_map *map, const sq_spot *spot)
{
    const sq_label_field *field = map->field;
    return sq_label_cell(spot->y - field->top, map->cell_height, map->rows) *
               map->columns +
           sq_label_cell(spot->x - field->left, map->cell_width, map->columns);
}

static seqnn_status sq_label_count_spots(sq_label_map *map, double width, double height)
{
    const sq_label_field *field = map->field;
    seqnn_size *before, across;
    map->fine = sq_label_max(SQ_LABEL_FINE, sqrt(width * height / 250000));
    map->fine_columns = (seqnn_size)ceil(width / map->fine);
    map->fine_rows = (seqnn_size)ceil(height / map->fine);
    across = map->fine_columns + 1;
    before = (seqnn_size *)sq_allocate(across * (map->fine_rows + 1), sizeof *before);
    map->spots_before = before;
    if (before == NULL)
        return SEQNN_ERROR_MEMORY;
    for (seqnn_size i = 0; i < field->spot_count; i++) {
        double column = floor((field->spots[i].x - field->left) / map->fine);
        double row = floor((field->spots[i].y - field->top) / map->fine);
        if (column >= 0 && row >= 0 && column < (double)map->fine_columns &&
            row < (double)map->fine_rows)
            before[((seqnn_size)row + 1) * across + (seqnn_size)column + 1]++;
    }
    for (seqnn_size row = 1; row <= map->fine_rows; row++)
        for (seqnn_size column = 1; column < across; column++)
            before[row * across + column] += before[(row - 1) * across + column] +
                                             before[row * across + column - 1] -
                                             before[(row - 1) * across + column - 1];
    return SEQNN_OK;
}

/* Does a box hold spots, as far as whole cells tell? */
static bool sq_label_crowded(const sq_label_map *map, const double box[4])
{
    const sq_label_field *field = map->field;
    seqnn_size across = map->fine_columns + 1;
    seqnn_size left = (seqnn_size)ceil((box[0] - field->left) / map->fine);
    seqnn_size top = (seqnn_size)ceil((box[1] - field->top) / map->fine);
    seqnn_size right = (seqnn_size)floor((box[2] - field->left) / map->fine);
    seqnn_size bottom = (seqnn_size)floor((box[3] - field->top) / map->fine);
    const seqnn_size *low = map->spots_before + top * across;
    const seqnn_size *high = map->spots_before + bottom * across;
    return left < right && top < bottom &&
           high[right] - high[left] - low[right] + low[left] > 0;
}

static seqnn_status sq_label_map_open(sq_label_map *map, sq_label *labels,
                                      const sq_label_field *field)
{
    double width = sq_label_max(field->right - field->left, 1);
    double height = sq_label_max(field->bottom - field->top, 1);
    seqnn_size cells;
    memset(map, 0, sizeof *map);
    map->field = field;
    map->labels = labels;
    map->link_free = -1;
    map->columns = (seqnn_size)sq_label_min(ceil(width / SQ_LABEL_CELL), SQ_LABEL_CELLS);
    map->rows = (seqnn_size)sq_label_min(ceil(height / SQ_LABEL_CELL), SQ_LABEL_CELLS);
    map->cell_width = width / (double)map->columns;
    map->cell_height = height / (double)map->rows;
    cells = map->columns * map->rows;
    map->first = (seqnn_size *)sq_allocate(cells + 1, sizeof *map->first);
    map->head = (seqnn_size *)sq_allocate(cells, sizeof *map->head);
    map->order =
        (seqnn_size *)sq_allocate(sq_max(field->spot_count, 1), sizeof *map->order);
    if (map->first == NULL || map->head == NULL || map->order == NULL ||
        sq_label_count_spots(map, width, height) != SEQNN_OK) {
        sq_label_map_close(map);
        return SEQNN_ERROR_MEMORY;
    }
    for (seqnn_size c = 0; c < cells; c++)
        map->head[c] = -1;
    /* Counted, summed up, dealt out from the back. */
    for (seqnn_size i = 0; i < field->spot_count; i++) {
        map->largest = sq_label_max(map->largest, field->spots[i].radius);
        map->first[sq_label_spot_cell(map, &field->spots[i])]++;
    }
    for (seqnn_size c = 1; c <= cells; c++)
        map->first[c] += map->first[c - 1];
    for (seqnn_size i = field->spot_count; i-- > 0;)
        map->order[--map->first[sq_label_spot_cell(map, &field->spots[i])]] = i;
    return SEQNN_OK;
}

static seqnn_status sq_label_map_add(sq_label_map *map, seqnn_size label)
{
    double box[4];
    sq_label_cells cells;
    sq_label_extent(&map->labels[label], box);
    cells = sq_label_cells_of(map, box, 0);
    for (seqnn_size row = cells.top; row <= cells.bottom; row++) {
        for (seqnn_size column = cells.left; column <= cells.right; column++) {
            seqnn_size *head = &map->head[row * map->columns + column];
            seqnn_size link = map->link_free;
            if (link >= 0) {
                map->link_free = map->links[link].next;
            } else {
                seqnn_status status = sq_grow((void **)&map->links, &map->link_room,
                                              map->link_count + 1, sizeof *map->links);
                if (status != SEQNN_OK)
                    return status;
                link = map->link_count++;
            }
            map->links[link].label = label;
            map->links[link].next = *head;
            *head = link;
        }
    }
    return SEQNN_OK;
}

static void sq_label_map_remove(sq_label_map *map, seqnn_size label)
{
    double box[4];
    sq_label_cells cells;
    sq_label_extent(&map->labels[label], box);
    cells = sq_label_cells_of(map, box, 0);
    for (seqnn_size row = cells.top; row <= cells.bottom; row++) {
        for (seqnn_size column = cells.left; column <= cells.right; column++) {
            seqnn_size *at = &map->head[row * map->columns + column];
            while (*at >= 0 && map->links[*at].label != label)
                at = &map->links[*at].next;
            if (*at >= 0) {
                seqnn_size link = *at;
                *at = map->links[link].next;
                map->links[link].next = map->link_free;
                map->link_free = link;
            }
        }
    }
}

/* --- is a place free? --- */

/* Inside the field and clear of the spots and of what was there before. `doubt`: how
 * easily it could be taken for the label of another spot. */
static bool sq_label_clear(sq_label_map *map, const sq_label *label, double *doubt)
{
    const sq_label_field *field = map->field;
    double box[4], extent[4], near_by = 2 * SQ_LABEL_GAP;
    sq_label_cells cells;
    *doubt = 0;
    map->looks++;
    sq_label_box(label, 0, box);
    if (box[0] < field->left || box[1] < field->top || box[2] > field->right ||
        box[3] > field->bottom || sq_label_crowded(map, box))
        return false;
    sq_label_extent(label, extent);
    cells = sq_label_cells_of(map, extent, map->largest + near_by);
    for (seqnn_size row = cells.top; row <= cells.bottom; row++) {
        seqnn_size from = map->first[row * map->columns + cells.left];
        seqnn_size to = map->first[row * map->columns + cells.right + 1];
        for (seqnn_size k = from; k < to; k++) {
            const sq_spot *spot = &field->spots[map->order[k]];
            double radius = spot->radius + 0.5;
            double distance = sq_label_box_distance(box, spot);
            bool own = spot->x == label->spot.x && spot->y == label->spot.y;
            if (distance < radius * radius)
                return false;
            if (!own && distance < (radius + near_by) * (radius + near_by))
                *doubt = 6;
            if (!own && label->leader &&
                sq_label_line_distance(label->line, spot) < radius * radius)
                return false;
        }
    }
    return field->taken == NULL || !field->taken(field->context, box);
}

/* Labels that are in the way at this place: none, -1; one, that one; several, -2. */
static seqnn_size sq_label_blocker(const sq_label_map *map, seqnn_size self,
                                   const sq_label *label)
{
    double extent[4];
    seqnn_size blocker = -1;
    sq_label_cells cells;
    sq_label_extent(label, extent);
    cells = sq_label_cells_of(map, extent, 0);
    for (seqnn_size row = cells.top; row <= cells.bottom; row++) {
        for (seqnn_size column = cells.left; column <= cells.right; column++) {
            seqnn_size link = map->head[row * map->columns + column];
            for (; link >= 0; link = map->links[link].next) {
                seqnn_size other = map->links[link].label;
                if (other == self || other == blocker ||
                    !sq_label_conflict(label, &map->labels[other]))
                    continue;
                if (blocker >= 0)
                    return -2;
                blocker = other;
            }
        }
    }
    return blocker;
}

/* The best free place, below `limit`, in *best; -1 if there is none. */
static int sq_label_search(sq_label_map *map, seqnn_size self, double limit,
                           sq_label *best)
{
    sq_label trial = map->labels[self];
    bool hopeless = limit >= SQ_LABEL_ANY;
    int found = -1;
    for (int place = 0; place < SQ_LABEL_PLACES; place++) {
        double doubt, cost = sq_label_cost(place);
        if (cost >= limit)
            continue;
        sq_label_move(&trial, place);
        if (!sq_label_clear(map, &trial, &doubt))
            continue;
        hopeless = false;
        if (cost + doubt >= limit || sq_label_blocker(map, self, &trial) != -1)
            continue;
        limit = cost + doubt;
        *best = trial;
        found = place;
    }
    map->labels[self].hopeless = hopeless;
    return found;
}

/* --- improvement --- */

/* Pushes one neighbour to another place of its own, if that makes room. */
static seqnn_status sq_label_push(sq_label_map *map, seqnn_size self)
{
    sq_label trial = map->labels[self], moved;
    seqnn_status status;
    for (int place = 0; place < SQ_LABEL_PLACES; place++) {
        double doubt;
        seqnn_size other;
        sq_label_move(&trial, place);
        if (!sq_label_clear(map, &trial, &doubt))
            continue;
        other = sq_label_blocker(map, self, &trial);
        if (other < 0)
            continue;
        sq_label_map_remove(map, other);
        map->labels[self] = trial;
        status = sq_label_map_add(map, self);
        if (status == SEQNN_OK &&
            sq_label_search(map, other, SQ_LABEL_ANY, &moved) >= 0) {
            map->labels[other] = moved;
            return sq_label_map_add(map, other);
        }
        sq_label_map_remove(map, self);
        map->labels[self].place = -1;
        if (status == SEQNN_OK)
            status = sq_label_map_add(map, other);
        if (status != SEQNN_OK)
            return status;
    }
    return SEQNN_OK;
}

static seqnn_status sq_label_settle(sq_label_map *map, seqnn_size self)
{
    sq_label *label = &map->labels[self], best;
    double doubt, limit = SQ_LABEL_ANY;
    if (label->place >= 0) {
        sq_label_clear(map, label, &doubt);
        limit = sq_label_cost(label->place) + doubt;
    }
    if (sq_label_search(map, self, limit, &best) < 0)
        return SEQNN_OK;
    if (label->place >= 0)
        sq_label_map_remove(map, self);
    *label = best;
    return sq_label_map_add(map, self);
}

seqnn_status sq_labels_place(sq_label *labels, seqnn_size count,
                             const sq_label_field *field)
{
    sq_label_map map;
    seqnn_status status = sq_label_map_open(&map, labels, field);
    if (status != SEQNN_OK)
        return status;
    for (seqnn_size i = 0; i < count && status == SEQNN_OK; i++) {
        labels[i].place = -1;
        status = sq_label_settle(&map, i);
    }
    for (int pass = 0; pass < SQ_LABEL_PASSES && status == SEQNN_OK; pass++) {
        for (seqnn_size i = 0; i < count && status == SEQNN_OK; i++)
            if (labels[i].place < 0 && !labels[i].hopeless && map.looks < SQ_LABEL_LOOKS)
                status = sq_label_push(&map, i);
        for (seqnn_size i = 0; i < count && status == SEQNN_OK; i++)
            if (labels[i].place != 0 && !labels[i].hopeless && map.looks < SQ_LABEL_LOOKS)
                status = sq_label_settle(&map, i);
    }
    /* What moved last may have left a place to a label before it. */
    for (seqnn_size i = 0; i < count && status == SEQNN_OK; i++)
        if (labels[i].place < 0 && !labels[i].hopeless)
            status = sq_label_settle(&map, i);
    sq_label_map_close(&map);
    return status;
}

#endif
