// Package redisstore keeps all that Optgate holds in Redis 6 or later, so that
// any number of Optgates can share it.
//
// A site's ledger has 64 partitions; a visitor belongs to one by the hash of her
// id, and all keys of a partition carry the hash tag {site:partition}. So one
// decision is one atomic step in one slot, and one round trip, while a big site
// spreads over the nodes of a cluster. docs/storage.md lists the keys.
package redisstore
