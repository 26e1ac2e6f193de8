// What npm brought for a run: Chromium's driver, the bundler, the peers.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** Where run.sh lets npm install. */
export const modules = path.join(process.env.CLIENTBENCH_CACHE, "node_modules");

/** Imports a package from there. */
export const brought = createRequire(modules + "/");

/** The text of a file of a package. */
export const fileOf = (name) => fs.readFileSync(path.join(modules, name), "utf8");

/** The version of a package that is installed. */
export const versionOf = (name) => JSON.parse(fileOf(`${name}/package.json`)).version;
