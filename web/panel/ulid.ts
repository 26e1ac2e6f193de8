const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A ULID: 48 bits of time in milliseconds, then 80 random bits, in Crockford's
 * base 32. Of each of 16 random bytes it takes 5 bits. */
export const ulid = (time: number, random: ArrayLike<number> & Iterable<number> = crypto.getRandomValues(new Uint8Array(16))): string => {
	let id = "";
	while (id.length < 10) {
		id = digits[time % 32] + id;
		time = Math.floor(time / 32);
	}
	// 256 is a multiple of 32, so every digit is equally likely.
	for (const byte of random) id += digits[byte % 32];
	return id;
};
