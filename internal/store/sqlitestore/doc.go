// Package sqlitestore keeps all that Optgate holds in one directory: an SQLite
// database and, beside it, the key ring. It needs no other server and is the
// store of those who do not name a Redis.
//
// Writes that wait at the same time share one transaction, because a commit
// costs a flush of the disk however much it holds. Several processes may open
// one directory, for example `optgate apply` while the server runs.
package sqlitestore
