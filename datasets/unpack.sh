#!/bin/sh
# Unpack the public sets for the readers:  datasets/unpack.sh [DATA]
#
# DATA (default: $SEQNN_DATA, then ../shared/data) holds the archives; they go to
# datasets/cache/ in the layout the readers want. What is there already stays as it is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${1:-${SEQNN_DATA:-$here/../../shared/data}}
cache=$here/cache
if [ ! -d "$data" ]; then
    echo "unpack: no folder $data: set SEQNN_DATA to the folder with the public sets" >&2
    exit 1
fi

# have TARGET SOURCE: is there something to do?
have() {
    if [ -e "$cache/$1" ]; then
        echo "unpack: $1 is there"
        return 1
    fi
    if [ ! -e "$data/$2" ]; then
        echo "unpack: $2 is not in $data, left out"
        return 1
    fi
    mkdir -p "$(dirname "$cache/$1")"
    echo "unpack: $1"
}

# A half unpacked folder or file never gets the final name.
untar() { # ARCHIVE FOLDER [NAME]: what the archive holds becomes the folder; or its NAME does
    rm -rf "$2.part"
    mkdir -p "$2.part"
    tar -xzf "$1" -C "$2.part"
    rm -rf "$2"
    mv "$2.part${3:+/$3}" "$2"
    rm -rf "$2.part"
}

if have 20news 20news/20news-bydate.tar.gz; then
    untar "$data/20news/20news-bydate.tar.gz" "$cache/20news"
fi
# The titles were cut from these stories: a folder from elsewhere holds others.
if have bbc bbc/bbc-fulltext.tar.gz; then
    untar "$data/bbc/bbc-fulltext.tar.gz" "$cache/bbc"
    if have bbc/bbc-titles.tsv bbc/bbc-titles.tsv; then
        cp "$data/bbc/bbc-titles.tsv" "$cache/bbc/.titles.part"
        mv "$cache/bbc/.titles.part" "$cache/bbc/bbc-titles.tsv"
    fi
fi
if have imdb/aclImdb imdb/aclImdb.tar.gz; then
    untar "$data/imdb/aclImdb.tar.gz" "$cache/imdb/aclImdb" aclImdb
fi
if have ner-gmb/gmb ner-gmb/gmb-sentences-labels.tar.gz; then
    untar "$data/ner-gmb/gmb-sentences-labels.tar.gz" "$cache/ner-gmb/gmb" gmb
fi
for name in wordvec/questions-words.txt wordsim/EN-WS-353-ALL.txt wordsim/EN-SIMLEX-999.txt \
    wordsim/EN-MEN-TR-3k.txt; do
    if have "$name" "$name"; then
        cp "$data/$name" "$cache/$name.part"
        mv "$cache/$name.part" "$cache/$name"
    fi
done
for name in glove.6B.100d.first2604.txt glove.6B.50d.subset9068.txt; do
    if have "wordvec/$name" "wordvec/$name.gz"; then
        gzip -dc "$data/wordvec/$name.gz" > "$cache/wordvec/$name.part"
        mv "$cache/wordvec/$name.part" "$cache/wordvec/$name"
    fi
done
