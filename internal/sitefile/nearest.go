package sitefile

// nearest returns the name that differs least from word, if it differs by so
// little that it was probably meant.
func nearest(word string, names []string) (string, bool) {
	if len(word) > 40 {
		return "", false
	}
	best, least := "", len(word)/3+2
	for _, name := range names {
		if n := distance(word, name); n < least {
			best, least = name, n
		}
	}
	return best, best != ""
}

// distance returns how many letters must be added, removed or replaced to make
// b from a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
