// Verifies an access log with the packages that the formats were written from,
// golang.org/x/mod/sumdb/{note,tlog}, and nothing else: the note, every entry, every tile, the
// root, and proofs that the log's own code made. Run with GO111MODULE=off and Debian's
// golang-golang-x-mod-dev:  go run verify.go DIRECTORY PROOFS
//
// A line of PROOFS is `inclusion INDEX SIZE HASHES` or `consistency OLD NEW HASHES`, the hashes in
// base64 with commas between. Each is then changed ten ways, and no change may be accepted.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func require(holds bool, what string, arguments ...any) {
	if !holds {
		must("refused", fmt.Errorf(what, arguments...))
	}
}

func read(directory, path string) []byte {
	data, err := os.ReadFile(filepath.Join(directory, path))
	must(path, err)
	return data
}

// open checks the signed note of the checkpoint and returns size and root.
func open(directory string) tlog.Tree {
	key, _, _ := strings.Cut(string(read(directory, "log.vkey")), "\n")
	verifier, err := note.NewVerifier(key)
	must("log.vkey", err)
	opened, err := note.Open(read(directory, "checkpoint"), note.VerifierList(verifier))
	must("checkpoint", err)
	lines := strings.Split(opened.Text, "\n")
	require(len(lines) == 4 && lines[0] == verifier.Name(), "not a checkpoint of %s", verifier.Name())
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must("size", err)
	root, err := tlog.ParseHash(lines[2])
	must("root", err)
	return tlog.Tree{N: size, Hash: root}
}

// entries hashes every entry of the bundles into a tree of Go's own making.
func entries(directory string, size int64) ([]tlog.Hash, tlog.HashReader) {
	var stored, leaves []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for first := int64(0); first < size; first += 256 {
		width := size - first
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: 8, L: 0, N: first / 256, W: int(width)}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		bundle := read(directory, path)
		for i := int64(0); i < width; i++ {
			require(len(bundle) >= 2, "%s ends in entry %d", path, i)
			length := int(binary.BigEndian.Uint16(bundle))
			require(len(bundle) >= 2+length, "%s ends in entry %d", path, i)
			entry := bundle[2 : 2+length]
			hashes, err := tlog.StoredHashes(first+i, entry, reader)
			must(path, err)
			stored, leaves = append(stored, hashes...), append(leaves, tlog.RecordHash(entry))
			bundle = bundle[2+length:]
		}
		require(len(bundle) == 0, "%s has more than %d entries", path, width)
	}
	return leaves, reader
}

// tiles compares every hash tile with the tree.
func tiles(directory string, size int64, reader tlog.HashReader) int {
	count := 0
	for _, tile := range tlog.NewTiles(8, 0, size) {
		// Of a partial tile only the widest form must be there.
		if nodes := size >> (8 * tile.L); tile.W < 256 && int64(tile.W) != nodes-tile.N*256 {
			continue
		}
		computed, err := tlog.ReadTileData(tile, reader)
		must(tile.Path(), err)
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		require(bytes.Equal(computed, read(directory, path)), "%s differs", path)
		count++
	}
	return count
}

// checker knows the true tree, whatever a proof claims.
type checker struct {
	leaves []tlog.Hash
	reader tlog.HashReader
}

func (c checker) root(size int64) tlog.Hash {
	hash, err := tlog.TreeHash(size, c.reader)
	must("tree", err)
	return hash
}

func (c checker) holds(kind string, from, to int64, hashes []tlog.Hash, claimed tlog.Hash) bool {
	if kind == "inclusion" {
		return tlog.CheckRecord(hashes, to, c.root(to), from, claimed) == nil
	}
	return tlog.CheckTree(hashes, to, c.root(to), from, claimed) == nil
}

// mutate changes a proof in one of several ways; the claim about `from` stays.
func mutate(random *rand.Rand, from, to int64, hashes []tlog.Hash) (int64, int64, []tlog.Hash) {
	changed := append([]tlog.Hash{}, hashes...)
	place := random.Intn(len(changed))
	switch random.Intn(7) {
	case 0, 1, 2:
		changed[place][random.Intn(32)] ^= 1 << random.Intn(8)
	case 3:
		changed = append(changed[:place], changed[place+1:]...)
	case 4:
		changed = append(changed, changed[place])
	case 5:
		other := (place + 1) % len(changed)
		if changed[place] == changed[other] {
			changed[place][0] ^= 1
		}
		changed[place], changed[other] = changed[other], changed[place]
	case 6:
		if from+1 < to {
			return from + 1, to, changed
		}
		changed[place][31] ^= 128
	}
	return from, to, changed
}

func main() {
	directory := os.Args[1]
	tree := open(directory)
	leaves, reader := entries(directory, tree.N)
	count := tiles(directory, tree.N, reader)
	check := checker{leaves, reader}
	require(check.root(tree.N) == tree.Hash, "another root than the checkpoint signs")

	file, err := os.Open(os.Args[2])
	must("proofs", err)
	lines, random := bufio.NewScanner(file), rand.New(rand.NewSource(1))
	accepted, mutated, forged := map[string]int{}, 0, 0
	for lines.Scan() {
		fields := strings.Split(lines.Text(), " ")
		from, _ := strconv.ParseInt(fields[1], 10, 64)
		to, _ := strconv.ParseInt(fields[2], 10, 64)
		var hashes []tlog.Hash
		for _, text := range strings.FieldsFunc(fields[3], func(c rune) bool { return c == ',' }) {
			hash, err := tlog.ParseHash(text)
			must("proof", err)
			hashes = append(hashes, hash)
		}
		var claimed tlog.Hash
		if fields[0] == "inclusion" {
			claimed = leaves[from]
		} else {
			claimed = check.root(from)
		}
		require(check.holds(fields[0], from, to, hashes, claimed), "%s", lines.Text())
		accepted[fields[0]]++
		for i := 0; i < 10 && len(hashes) > 0; i++ {
			from, to, changed := mutate(random, from, to, hashes)
			mutated++
			if check.holds(fields[0], from, to, changed, claimed) {
				forged++
			}
		}
	}
	must("proofs", lines.Err())
	fmt.Printf("entries %d tiles %d inclusion %d consistency %d mutated %d forged %d\n",
		tree.N, count, accepted["inclusion"], accepted["consistency"], mutated, forged)
}
