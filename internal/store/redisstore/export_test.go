package redisstore

// What tests need to measure the store against the same calls made without it.
var (
	AppendSource = appendSource
	AppendCall   = appendCall
	ParseURL     = parseURL
)
