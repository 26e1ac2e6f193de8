const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A ULID: 48 bits of time in milliseconds, then 80 random bits, in Crockford's
 * base 32. */
export const ulid = (now = Date.now()): string => {
	let id = "";
	while (id.length < 10) {
		id = digits[now % 32] + id;
		now = Math.floor(now / 32);
	}
	// 256 is a multiple of 32, so every digit is equally likely.
	for (const byte of crypto.getRandomValues(new Uint8Array(16))) id += digits[byte % 32];
	return id;
};
