// Command check verifies a copy of an audit log with the packages of Go's checksum database, which are not ours.
//
// Usage: check <folder> <public key of the log> [<public key of a witness>]
//
// With the key of a witness, the checkpoint must have its cosignature, too.
//
// The folder holds "checkpoint", "tile/…" as the log serves them, and "proofs.json".
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

type inclusion struct {
	Index int64
	Leaf  string
	Proof []string
}

type consistency struct {
	Size  int64
	Root  string
	Proof []string
}

type proofs struct {
	Inclusion   []inclusion
	Consistency []consistency
}

func main() {
	if err := check(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func check(folder, key string, witnesses []string) error {
	tree, err := openCheckpoint(filepath.Join(folder, "checkpoint"), key, witnesses)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := checkEntries(tree, folder); err != nil {
		return fmt.Errorf("tiles: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "proofs.json"))
	if err != nil {
		return err
	}
	var given proofs
	if err := json.Unmarshal(text, &given); err != nil {
		return err
	}
	for _, proof := range given.Inclusion {
		if err := tlog.CheckRecord(hashes(proof.Proof), tree.N, tree.Hash, proof.Index, hash(proof.Leaf)); err != nil {
			return fmt.Errorf("inclusion of leaf %d: %w", proof.Index, err)
		}
	}
	for _, proof := range given.Consistency {
		if err := tlog.CheckTree(hashes(proof.Proof), tree.N, tree.Hash, proof.Size, hash(proof.Root)); err != nil {
			return fmt.Errorf("consistency with %d leaves: %w", proof.Size, err)
		}
	}
	fmt.Printf("%d entries, %d inclusions, %d consistencies\n", tree.N, len(given.Inclusion), len(given.Consistency))
	return nil
}

func openCheckpoint(file, key string, witnesses []string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tlog.Tree{}, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return tlog.Tree{}, err
	}
	known := []note.Verifier{verifier}
	for _, witness := range witnesses {
		cosigner, err := newCosigner(witness)
		if err != nil {
			return tlog.Tree{}, err
		}
		known = append(known, cosigner)
	}
	opened, err := note.Open(text, note.VerifierList(known...))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != len(known) {
		return tlog.Tree{}, fmt.Errorf("%d of %d signatures", len(opened.Sigs), len(known))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("it is not one of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// checkEntries compares each entry of the bundles with its leaf in the tiles, which are checked against the tree.
func checkEntries(tree tlog.Tree, folder string) error {
	reader := tlog.TileHashReader(tree, &tiles{folder})
	for first := int64(0); first < tree.N; first += 1 << tileHeight {
		width := min(tree.N-first, 1<<tileHeight)
		path := tlog.Tile{H: tileHeight, L: -1, N: first >> tileHeight, W: int(width)}.Path()
		bundle, err := os.ReadFile(filepath.Join(folder, strings.Replace(path, "tile/8/data/", "tile/entries/", 1)))
		if err != nil {
			return err
		}
		indexes := make([]int64, width)
		for at := range indexes {
			indexes[at] = tlog.StoredHashIndex(0, first+int64(at))
		}
		leaves, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for at, leaf := range leaves {
			length := int(binary.BigEndian.Uint16(bundle))
			if tlog.RecordHash(bundle[2:2+length]) != leaf {
				return fmt.Errorf("entry %d is not the one in the tree", first+int64(at))
			}
			bundle = bundle[2+length:]
		}
		if len(bundle) != 0 {
			return fmt.Errorf("the bundle from entry %d holds more than it should", first)
		}
	}
	return nil
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

// tiles reads tiles where C2SP tlog-tiles has them: without the height that Go's paths have.
type tiles struct{ folder string }

func (t *tiles) Height() int { return tileHeight }

func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		data, err := os.ReadFile(filepath.Join(t.folder, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

func hashes(given []string) []tlog.Hash {
	var all []tlog.Hash
	for _, one := range given {
		all = append(all, hash(one))
	}
	return all
}

func hash(given string) (read tlog.Hash) {
	bytes, _ := base64.StdEncoding.DecodeString(given)
	copy(read[:], bytes)
	return read
}
