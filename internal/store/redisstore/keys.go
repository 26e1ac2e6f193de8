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
// field holds the revision of her newest answer (4 bytes), and for each of her
// records its id (16) and its seq (5). Two records thus fit the 64 bytes that a
// listpack takes.
const (
	partitions = optgate.Partitions
	buckets    = 1024
)

// The keys that belong to no site's ledger. Each tag is a slot of its own.
const (
	latestKey  = "og:{revisions}:latest" // hash: site, number of its latest revision
	docsKey    = "og:{revisions}:docs"   // hash: site/number, revision in JSON
	pausedKey  = "og:{revisions}:paused" // hash: site, what is paused on it in JSON
	channel    = "og:{revisions}"        // pub/sub: the site that was published or paused
	groupsKey  = "og:{groups}"           // hash: id, group in JSON
	usersKey   = "og:{users}"            // hash: name, user in JSON
	tokensKey  = "og:{tokens}"           // sorted set: token's hash, when it expires
	guessesKey = "og:{guesses}:"         // begins the keys of guesses: when all will have come back
	keyRingKey = "og:{keys}"             // string: the key ring
)

// keyRoom is as much as most keys take: they are made for every record, without
// memory other than their own.
const keyRoom = 96

// keyDay is how a day is written in a key.
const keyDay = "20060102"

// partitionKey begins the keys of one partition of a site.
func partitionKey(site optgate.SiteID, p int) string {
	var b [keyRoom]byte
	return string(appendPartitionKey(b[:0], site, p))
}

func appendPartitionKey(b []byte, site optgate.SiteID, p int) []byte {
	b = append(append(b, "og:{"...), site...)
	return append(strconv.AppendInt(append(b, ':'), int64(p), 10), "}:"...)
}

// entriesKey is a partition's entries in their order.
func entriesKey(site optgate.SiteID, p int) string { return partitionKey(site, p) + "e" }

// answeredKey is how many of a partition's visitors answered each revision last.
func answeredKey(site optgate.SiteID, p int) string { return partitionKey(site, p) + "a" }

// expiredKey is how many of a partition's entries, from the first on, are
// tombstones and notes of erasures.
func expiredKey(site optgate.SiteID, p int) string { return partitionKey(site, p) + "x" }

// uncountedKey is how many of a partition's entries are in no count of a day:
// notes, what was erased before it was restored, and records that were counted
// before they were chained. Those of an Optgate that did not count them are
// missing, which does no harm: see sumHead.
func uncountedKey(site optgate.SiteID, p int) string { return partitionKey(site, p) + "u" }

// sumsKey is the sums of a site's days that are over.
func sumsKey(site optgate.SiteID) string { return "og:{sums:" + string(site) + "}" }

// dayKey is a partition's counts of a day.
func dayKey(site optgate.SiteID, p int, day time.Time) string {
	var b [keyRoom]byte
	return string(day.UTC().AppendFormat(append(appendPartitionKey(b[:0], site, p), "d:"...), keyDay))
}

// daysKey begins the keys of a partition's counts, before the day.
func daysKey(site optgate.SiteID, p int) string { return partitionKey(site, p) + "d:" }

// checkpointsKey is a site's checkpoints in their order.
func checkpointsKey(site optgate.SiteID) string { return "og:{checkpoints:" + string(site) + "}" }

// visitorKey returns a visitor's partition and the hash that she is in. The
// partition is that of [optgate.PartitionOf].
func visitorKey(site optgate.SiteID, visitor packed.ID) (p int, bucket string) {
	h := fnv.New64a()
	h.Write(visitor[:])
	sum := h.Sum64()
	p = int(sum % partitions)
	var b [keyRoom]byte
	return p, string(strconv.AppendUint(append(appendPartitionKey(b[:0], site, p), "i:"...), sum/partitions%buckets, 10))
}

// revisionField is a revision's field in docsKey.
func revisionField(site optgate.SiteID, number int) string {
	return string(site) + "/" + strconv.Itoa(number)
}
