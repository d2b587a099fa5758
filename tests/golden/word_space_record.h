/* Written by tests/golden/word_space.py. */
/* clang-format off */
static const char recorded_vectors[] =
    "30 6\n"
    "Vanor 0.357 1.630 0.087 0.996 0.631 -0.444\n"
    "Sild 3.184 7.160 -4.650 0.282 2.240 0.484\n"
    "Terrim -4.473 -4.974 2.004 -2.748 4.764 0.630\n"
    "Ochta -2.920 -1.480 -6.936 -3.896 7.276 9.248\n"
    "Élan -1.645 -3.145 3.355 10.525 -1.160 3.490\n"
    "SILD 10.056 21.954 -13.590 1.098 6.150 1.062\n"
    "Quir 0.413 6.650 -14.287 12.901 4.200 14.154\n"
    "Maro 2.464 1.976 5.168 10.064 -12.984 5.776\n"
    "Perin 15.948 15.561 -18.369 13.635 -6.264 16.695\n"
    "Holm -8.260 13.670 -15.970 -1.220 8.600 -5.920\n"
    "Astra 8.679 35.519 -45.991 -0.440 19.580 0.319\n"
    "Rusk -12.528 9.480 -13.164 -2.004 3.816 -1.452\n"
    "Dova -11.713 19.175 -37.466 -7.033 22.204 25.870\n"
    "Eden 19.292 -8.792 7.126 -11.634 8.960 -17.304\n"
    "Lume 23.175 18.480 -35.280 -16.590 18.345 9.090\n"
    "cat 14.304 2.480 19.600 1.888 -1.232 13.520\n"
    "cats 27.880 12.512 41.276 -14.433 34.000 7.650\n"
    "river -2.916 -29.250 -23.112 0.810 3.240 -41.094\n"
    "rivers 12.046 -9.937 -4.047 -13.338 38.228 -34.732\n"
    "stone 6.880 15.220 19.020 7.980 -14.340 16.000\n"
    "stones 11.865 33.453 31.101 -16.002 17.766 14.217\n"
    "song 33.418 12.848 -1.298 26.158 4.202 -18.282\n"
    "songs 44.965 18.768 8.694 14.950 54.004 -11.500\n"
    "maro 36.768 16.536 34.608 -35.952 0.864 -4.656\n"
    "maros 60.750 30.975 34.325 -64.900 33.225 -17.750\n"
    "leaf 19.578 3.120 -0.728 -21.450 -14.950 -1.274\n"
    "leaves 31.077 18.279 32.130 -45.360 22.464 -5.319\n"
    "élan 15.820 -7.980 7.140 -14.700 -18.396 15.484\n"
    "stone-cold -11.629 -0.087 7.395 6.728 33.611 39.672\n"
    "CATS -41.040 -8.070 -19.470 22.590 -32.100 23.190\n";
static const char recorded_questions[] =
    ": capitals of countries\n"
    "Vanor Sild Terrim Ochta\n"
    "Vanor Sild Élan Quir\n"
    "Vanor Sild Maro Perin\n"
    "Vanor Sild Holm Astra\n"
    "Vanor Sild Rusk Dova\n"
    "Vanor Sild Eden Lume\n"
    "Terrim Ochta Vanor Sild\n"
    "Terrim Ochta Élan Quir\n"
    "Terrim Ochta Maro Perin\n"
    "Terrim Ochta Holm Astra\n"
    "Terrim Ochta Rusk Dova\n"
    "Terrim Ochta Eden Lume\n"
    "Élan Quir Vanor Sild\n"
    "Élan Quir Terrim Ochta\n"
    "Élan Quir Maro Perin\n"
    "Élan Quir Holm Astra\n"
    "Élan Quir Rusk Dova\n"
    "Élan Quir Eden Lume\n"
    "Maro Perin Vanor Sild\n"
    "Maro Perin Terrim Ochta\n"
    "Maro Perin Élan Quir\n"
    "Maro Perin Holm Astra\n"
    "Maro Perin Rusk Dova\n"
    "Maro Perin Eden Lume\n"
    "Holm Astra Vanor Sild\n"
    "Holm Astra Terrim Ochta\n"
    "Holm Astra Élan Quir\n"
    "Holm Astra Maro Perin\n"
    "Holm Astra Rusk Dova\n"
    "Holm Astra Eden Lume\n"
    "Rusk Dova Vanor Sild\n"
    "Rusk Dova Terrim Ochta\n"
    "Rusk Dova Élan Quir\n"
    "Rusk Dova Maro Perin\n"
    "Rusk Dova Holm Astra\n"
    "Rusk Dova Eden Lume\n"
    "Eden Lume Vanor Sild\n"
    "Eden Lume Terrim Ochta\n"
    "Eden Lume Élan Quir\n"
    "Eden Lume Maro Perin\n"
    "Eden Lume Holm Astra\n"
    "Eden Lume Rusk Dova\n"
    "Vanor Sild Nowhere Ochta\n"
    ": gram-plural\n"
    "cat cats river rivers\n"
    "cat cats stone stones\n"
    "cat cats song songs\n"
    "cat cats maro maros\n"
    "cat cats leaf leaves\n"
    "river rivers cat cats\n"
    "river rivers stone stones\n"
    "river rivers song songs\n"
    "river rivers maro maros\n"
    "river rivers leaf leaves\n"
    "stone stones cat cats\n"
    "stone stones river rivers\n"
    "stone stones song songs\n"
    "stone stones maro maros\n"
    "stone stones leaf leaves\n"
    "song songs cat cats\n"
    "song songs river rivers\n"
    "song songs stone stones\n"
    "song songs maro maros\n"
    "song songs leaf leaves\n"
    "maro maros cat cats\n"
    "maro maros river rivers\n"
    "maro maros stone stones\n"
    "maro maros song songs\n"
    "maro maros leaf leaves\n"
    "leaf leaves cat cats\n"
    "leaf leaves river rivers\n"
    "leaf leaves stone stones\n"
    "leaf leaves song songs\n"
    "leaf leaves maro maros\n"
    "cat cats Leaf lEAVES\n"
    "cat cats dog dogs\n"
    ": gram-empty\n"
    ": one\n"
    "Holm Astra holm ASTRA\n";
static const char recorded_pairs_text[] =
    "# people's scores\n"
    "MAROS	unheard	0.5\n"
    "songs	Sild	1.5\n"
    "song	cat	1.0\n"
    "HOLM	Eden	3.5\n"
    "Ochta	Holm	2.5\n"
    "leaves	Holm	0.0\n"
    "SONGS	maro	3.0\n"
    "unheard	Lume	2.0\n"
    "SILD	Dova	3.0\n"
    "VANOR	Astra	0.0\n"
    "Terrim	river	0.0\n"
    "river	Maro	1.5\n"
    "STONE-COLD	stones	2.0\n"
    "Holm	maros	3.0\n"
    "Sild	stones	0.0\n"
    "STONES	Eden	3.5\n"
    "rivers	leaf	0.0\n"
    "SILD	rivers	0.5\n"
    "STONES	Holm	3.5\n"
    "stone	Perin	3.5\n"
    "rivers	SILD	4.0\n"
    "PERIN	stone	2.0\n"
    "stone-cold	Élan	3.0\n"
    "stones	Sild	0.5\n"
    "LEAVES	Rusk	2.5\n"
    "song	Perin	3.5\n"
    "leaf	maro	1.5\n"
    "MARO	cats	1.0\n"
    "Maro	rivers	2.0\n"
    "song	cats	4.0\n"
    "MARO	cat	2.5\n"
    "Dova	Maro	4.0\n"
    "Lume	Ochta	0.5\n"
    "CATS	Perin	3.0\n"
    "Holm	Perin	4.0\n"
    "river	Dova	3.5\n"
    "STONES	rivers	3.0\n"
    "leaf	Dova	3.5\n"
    "Perin	leaf	3.5\n"
    "ÉLAN	stone	3.5\n";
static const struct recorded_search {
    const char *positive[3], *negative[2];
    int mul;
    const char *word[6];
    double similarity[6];
} recorded_searches[] = {
    {{"river"}, {NULL}, 0,
     {"rivers", "Eden", "Terrim", "Holm", "song", "Rusk"},
     {0.6090981, 0.4324104, 0.2006788, 0.1900197, 0.1278857, 0.1145786}},
    {{"river"}, {NULL}, 1,
     {"rivers", "Eden", "Terrim", "Holm", "song", "Rusk"},
     {0.8045482, 0.7162045, 0.6003388, 0.5950092, 0.5639423, 0.5572887}},
    {{"Sild", "Terrim"}, {"Vanor"}, 0,
     {"Ochta", "Dova", "stone-cold", "rivers", "Lume", "Rusk"},
     {0.7681031, 0.4317383, 0.3941562, 0.2902119, 0.2637884, 0.2241259}},
    {{"Sild", "Terrim"}, {"Vanor"}, 1,
     {"Ochta", "Dova", "stone-cold", "élan", "rivers", "river"},
     {1.1791513, 0.7352822, 0.7345248, 0.7054170, 0.6717409, 0.6148897}},
    {{"cats", "leaf"}, {"cat"}, 0,
     {"maros", "leaves", "maro", "Eden", "rivers", "Lume"},
     {0.8556402, 0.7894855, 0.7374494, 0.7134513, 0.5451013, 0.5235312}},
    {{"cats", "leaf"}, {"cat"}, 1,
     {"maros", "leaves", "Eden", "rivers", "maro", "Holm"},
     {1.0346427, 0.9762893, 0.9741941, 0.9572892, 0.9398173, 0.9059569}},
    {{"cat", "song", "stone"}, {"Eden", "maro"}, 0,
     {"Maro", "Élan", "Perin", "Quir", "Vanor", "CATS"},
     {0.8457794, 0.7471589, 0.6280171, 0.5817724, 0.4452586, 0.4042622}},
    {{"cat", "song", "stone"}, {"Eden", "maro"}, 1,
     {"CATS", "Élan", "Quir", "Maro", "Perin", "Vanor"},
     {7.5586591, 3.8692489, 3.7730825, 3.2979538, 2.2606885, 1.2109766}},
    {{"Élan", "river"}, {NULL}, 0,
     {"CATS", "song", "Maro", "Terrim", "rivers", "Quir"},
     {0.3281739, 0.2417017, 0.1685908, 0.1382059, 0.1206991, 0.0464518}},
    {{"Élan", "river"}, {NULL}, 1,
     {"CATS", "song", "Terrim", "Quir", "Maro", "songs"},
     {0.3474705, 0.3333891, 0.2931803, 0.2375782, 0.2307766, 0.2241852}},
};
static const struct recorded_analogies {
    int restrict_vocab, case_sensitive, mul;
    int correct[4], seen[4];
} recorded_analogies[] = {
    {300000, 0, 0, {28, 19, 0, 0}, {42, 31, 0, 1}},
    {300000, 0, 1, {11, 10, 0, 0}, {42, 31, 0, 1}},
    {300000, 1, 0, {26, 21, 0, 0}, {42, 30, 0, 0}},
    {300000, 1, 1, {11, 13, 0, 0}, {42, 30, 0, 0}},
    {15, 0, 0, {37, 0, 0, 0}, {42, 0, 0, 1}},
    {15, 0, 1, {24, 0, 0, 0}, {42, 0, 0, 1}},
    {21, 1, 0, {28, 6, 0, 0}, {42, 6, 0, 0}},
    {21, 1, 1, {13, 4, 0, 0}, {42, 6, 0, 0}},
};
static const struct recorded_pairs {
    int restrict_vocab, case_sensitive;
    double spearman, pearson, unknown_ratio;
} recorded_pairs[] = {
    {300000, 0, -0.14259704, -0.13740171, 0.05000000},
    {300000, 1, -0.10190459, -0.09131337, 0.35000000},
    {15, 0, -0.68471247, -0.65802990, 0.82500000},
};
static const struct public_figures {
    const char *vectors;
    int correct[14], correct_mul[14], seen[14];
    struct public_set {
        const char *name;
        double spearman, pearson, unknown_ratio;
    } set[9];
} public_figures[] = {
    {"wordvec/GoogleNews-vectors-subset8000-300d.bin.gz",
     {64, 41, 9, 1, 145, 182, 43, 586, 161, 505, 659, 684, 357, 239},
     {64, 41, 9, 1, 144, 197, 42, 585, 166, 523, 658, 709, 376, 257},
     {72, 49, 28, 1, 156, 420, 90, 650, 182, 600, 684, 992, 420, 342},
     {
         {"wordsim/EN-MC-30.txt", 0.88333333, 0.88084940, 0.70000000},
         {"wordsim/EN-MEN-TR-3k.txt", 0.76326648, 0.74569899, 0.59466667},
         {"wordsim/EN-RG-65.txt", 0.67950546, 0.75577653, 0.80000000},
         {"wordsim/EN-RW-STANFORD.txt", 0.72138767, 0.65577669, 0.92674533},
         {"wordsim/EN-SIMLEX-999.txt", 0.42141673, 0.43678303, 0.37637638},
         {"wordsim/EN-WS-353-ALL.txt", 0.69771188, 0.64320708, 0.28328612},
         {"wordsim/EN-WS-353-REL.txt", 0.62897954, 0.59024024, 0.23412698},
         {"wordsim/EN-WS-353-SIM.txt", 0.77592539, 0.77400862, 0.32019704},
         {"wordsim/wordsim353/combined.tab", 0.69771188, 0.64320708, 0.28328612},
     }},
    {"wordvec/glove.6B.100d.first2604.txt.gz",
     {49, 14, 4, 8, 61, 8, 0, 47, 18, 79, 331, 121, 48, 16},
     {49, 14, 3, 8, 61, 10, 0, 47, 18, 81, 330, 123, 45, 18},
     {56, 14, 28, 21, 72, 30, 0, 72, 20, 110, 332, 182, 72, 30},
     {
         {"wordsim/EN-MC-30.txt", -1.00000000, -1.00000000, 0.93333333},
         {"wordsim/EN-MEN-TR-3k.txt", 0.68153854, 0.67693529, 0.87966667},
         {"wordsim/EN-RG-65.txt", -1.00000000, -1.00000000, 0.96923077},
         {"wordsim/EN-RW-STANFORD.txt", 0.22352941, 0.17379433, 0.99213373},
         {"wordsim/EN-SIMLEX-999.txt", 0.22945533, 0.25636762, 0.80180180},
         {"wordsim/EN-WS-353-ALL.txt", 0.66089040, 0.65530844, 0.60906516},
         {"wordsim/EN-WS-353-REL.txt", 0.59325303, 0.59827728, 0.58730159},
         {"wordsim/EN-WS-353-SIM.txt", 0.64716810, 0.66883513, 0.60098522},
         {"wordsim/wordsim353/combined.tab", 0.66089040, 0.65530844, 0.60906516},
     }},
    {"wordvec/glove.6B.50d.subset9068.txt.gz",
     {139, 102, 3, 29, 62, 57, 8, 309, 48, 85, 576, 259, 85, 51},
     {134, 97, 1, 28, 62, 56, 5, 284, 50, 73, 569, 247, 79, 49},
     {182, 142, 40, 104, 72, 342, 72, 552, 90, 210, 585, 506, 132, 132},
     {
         {"wordsim/EN-MC-30.txt", 0.20000000, 0.56913076, 0.86666667},
         {"wordsim/EN-MEN-TR-3k.txt", 0.67513479, 0.67341912, 0.77500000},
         {"wordsim/EN-RG-65.txt", 0.30000000, 0.57863830, 0.92307692},
         {"wordsim/EN-RW-STANFORD.txt", 0.47826268, 0.45903447, 0.93117011},
         {"wordsim/EN-SIMLEX-999.txt", 0.23382825, 0.26589302, 0.53553554},
         {"wordsim/EN-WS-353-ALL.txt", 0.57656288, 0.59729678, 0.42209632},
         {"wordsim/EN-WS-353-REL.txt", 0.50692174, 0.52671760, 0.37698413},
         {"wordsim/EN-WS-353-SIM.txt", 0.64867958, 0.67285708, 0.43349754},
         {"wordsim/wordsim353/combined.tab", 0.57656288, 0.59729678, 0.42209632},
     }},
};
/* clang-format on */
