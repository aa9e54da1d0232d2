// Reads a log that consent_widget publishes with code that nobody here wrote: golang.org/x/mod/sumdb/note and tlog.
// It is run by hand (docs/log.md says how); no test needs Go.
//
//	go run main.go VKEY URL-OR-FOLDER [OLDER-CHECKPOINT …]
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type source string

func (s source) read(path string) []byte {
	if !strings.HasPrefix(string(s), "http") {
		data, err := os.ReadFile(string(s) + "/" + path)
		must(err)
		return data
	}
	answer, err := http.Get(string(s) + "/" + path)
	must(err)
	defer answer.Body.Close()
	if answer.StatusCode != 200 {
		must(fmt.Errorf("%s: %s", path, answer.Status))
	}
	data, err := io.ReadAll(answer.Body)
	must(err)
	return data
}

// The paths of c2sp.org/tlog-tiles are those of the Go checksum database without the height.
func path(t tlog.Tile) string {
	return strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

type tiles struct {
	from  source
	asked int
}

func (t *tiles) Height() int { return height }
func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(wanted))
	for i, tile := range wanted {
		data[i] = t.from.read(path(tile))
		t.asked++
	}
	return data, nil
}
func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAILED:", err)
		os.Exit(1)
	}
}

func open(data []byte, verifiers note.Verifiers) tlog.Tree {
	n, err := note.Open(data, verifiers)
	must(err)
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != n.Sigs[0].Name {
		must(fmt.Errorf("not a checkpoint of %s: %q", n.Sigs[0].Name, n.Text))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	var tree tlog.Tree
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	tree.N = size
	copy(tree.Hash[:], root)
	return tree
}

// The entry of a number, from its bundle.
func entry(from source, tree tlog.Tree, number int64) []byte {
	bundle, width := number/256, int64(256)
	if bundle == tree.N/256 {
		width = tree.N % 256
	}
	tile := tlog.Tile{H: height, L: 0, N: bundle, W: int(width)}
	data := from.read(strings.Replace(path(tile), "tile/0/", "tile/entries/", 1))
	for skip := number % 256; ; skip-- {
		length := binary.BigEndian.Uint16(data)
		if skip == 0 {
			return data[2 : 2+length]
		}
		data = data[2+length:]
	}
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	must(err)
	from, verifiers := source(strings.TrimSuffix(os.Args[2], "/")), note.VerifierList(verifier)
	tree := open(from.read("checkpoint"), verifiers)
	fmt.Printf("%s: %d entries, root %s\n", verifier.Name(), tree.N, tree.Hash)
	reader := &tiles{from: from}
	hashes := tlog.TileHashReader(tree, reader)

	checked := 0
	for _, number := range []int64{0, 1, 254, 255, 256, 257, 511, 512, 65534, 65535, 65536, 65537, tree.N - 2, tree.N - 1, tree.N / 3} {
		if number < 0 || number >= tree.N {
			continue
		}
		proof, err := tlog.ProveRecord(tree.N, number, hashes)
		must(err)
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, number, tlog.RecordHash(entry(from, tree, number))))
		checked++
	}
	fmt.Printf("inclusion: %d entries prove to be in the tree\n", checked)

	for _, file := range os.Args[3:] {
		data, err := os.ReadFile(file)
		must(err)
		old := open(data, verifiers)
		if old.N == 0 || old.N > tree.N {
			continue
		}
		proof, err := tlog.ProveTree(tree.N, old.N, hashes)
		must(err)
		must(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
		fmt.Printf("consistency: extends the checkpoint of %d entries\n", old.N)
	}

	// Every entry, and nothing but the entries, makes the root.
	if tree.N > 0 && tree.N <= 100000 { // Debian's package makes no root of no entries
		var stored []tlog.Hash
		at := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			found := make([]tlog.Hash, len(indexes))
			for i, index := range indexes {
				found[i] = stored[index]
			}
			return found, nil
		})
		for first := int64(0); first < tree.N; first += 256 {
			width := tree.N - first
			if width > 256 {
				width = 256
			}
			tile := tlog.Tile{H: height, L: 0, N: first / 256, W: int(width)}
			data := from.read(strings.Replace(path(tile), "tile/0/", "tile/entries/", 1))
			for number := first; number < first+width; number++ {
				length := binary.BigEndian.Uint16(data)
				more, err := tlog.StoredHashes(number, data[2:2+length], at)
				must(err)
				stored, data = append(stored, more...), data[2+length:]
			}
		}
		root, err := tlog.TreeHash(tree.N, at)
		must(err)
		if root != tree.Hash {
			must(fmt.Errorf("the entries make %s", root))
		}
		fmt.Printf("root: follows from all %d entries\n", tree.N)
	}
	fmt.Printf("%d tiles were read; every one agrees with the root\n", reader.asked)
}
