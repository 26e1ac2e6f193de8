// Wrapping what belongs to the browser.

/** Looks at a call before it is made, and may change its arguments. What it
 * returns takes the place of the call, but a function is called with what comes
 * of the call. */
export type Hook = (args: any[], self: any, name: string, run: () => any) => unknown;

// What our own code does is not looked at.
let busy = false;

/** Runs code of ours. If it fails, the page is none the wiser. */
export const quietly = <A extends any[], T>(run: (...args: A) => T, ...args: A): T | void => {
	const before = busy;
	busy = true;
	try {
		return run(...args);
	} catch {
		// The call goes on as if nobody had looked.
	} finally {
		busy = before;
	}
};

const wrapped = (native: any, hook: Hook, name: string): any => {
	const call = (args: any[], self: any, run: () => any) => {
		if (busy) return run();
		const instead = quietly(hook, args, self, name, run);
		if (instead !== undefined && typeof instead !== "function") return instead;
		const result = run();
		if (instead) quietly(instead as any, result);
		return result;
	};
	return new Proxy(native, {
		apply: (_, self, args) => call(args, self, () => Reflect.apply(native, self, args)),
		construct: (_, args, target) => call(args, target, () => Reflect.construct(native, args, target)),
	});
};

/** Wraps functions, and what sets and gets properties, by their names, as far as
 * owner has them itself. */
export const wrap = (owner: any, names: string, hook?: Hook, read?: Hook): void => {
	for (const name of names.split(" ")) {
		const property = owner && Object.getOwnPropertyDescriptor(owner, name);
		if (!property?.configurable) continue;
		const { value, set, get } = property;
		if (value) {
			property.value = wrapped(value, hook!, name);
			if (value.prototype) value.prototype.constructor = property.value;
		}
		if (set && hook) property.set = wrapped(set, hook, name);
		if (get && read) property.get = wrapped(get, read, name);
		Object.defineProperty(owner, name, property);
	}
};
