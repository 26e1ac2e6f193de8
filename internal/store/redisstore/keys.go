package redisstore

import (
	"hash/fnv"
	"strconv"
	"time"

	"github.com/optgate/optgate/internal/optgate"
	"github.com/optgate/optgate/internal/store/packed"
)

// These numbers are part of the layout and never change. A site's visitors lie
// in 65,536 hashes; as long as none holds more than 128 of them, that is for 8
// million visitors, Redis keeps each as one compact listpack. A visitor's hash
// field holds 26 bytes for each of her records: the record's id (16) and that of
// its stream entry (6 for the milliseconds, 4 for the number). A first record
// thus fits the 64 bytes that a listpack takes.
const (
	partitions = 64
	buckets    = 1024
)

// The keys that belong to no site's ledger. Each tag is a slot of its own.
const (
	latestKey  = "og:{revisions}:latest" // hash: site, number of its latest revision
	docsKey    = "og:{revisions}:docs"   // hash: site/number, revision in JSON
	channel    = "og:{revisions}"        // pub/sub: the site that was published
	usersKey   = "og:{users}"            // hash: name, user in JSON
	tokensKey  = "og:{tokens}"           // sorted set: token's hash, when it expires
	keyRingKey = "og:{keys}"             // string: the key ring
)

// keyDay is how a day is written in a key.
const keyDay = "20060102"

// partitionKey begins the keys of one partition of a site.
func partitionKey(site optgate.SiteID, p int) string {
	return "og:{" + string(site) + ":" + strconv.Itoa(p) + "}:"
}

// streamKey is a partition's records in their order.
func streamKey(site optgate.SiteID, p int) string { return partitionKey(site, p) + "l" }

// dayKey is a partition's counts of a day, by packed answer.
func dayKey(site optgate.SiteID, p int, day time.Time) string {
	return partitionKey(site, p) + "d:" + day.UTC().Format(keyDay)
}

// visitorKeys returns the stream and the hash that a visitor's records are in.
func visitorKeys(site optgate.SiteID, visitor packed.ID) (prefix, stream, bucket string) {
	h := fnv.New64a()
	h.Write(visitor[:])
	sum := h.Sum64()
	prefix = partitionKey(site, int(sum%partitions))
	return prefix, prefix + "l", prefix + "v:" + strconv.FormatUint(sum/partitions%buckets, 10)
}

// revisionField is a revision's field in docsKey.
func revisionField(site optgate.SiteID, number int) string {
	return string(site) + "/" + strconv.Itoa(number)
}
