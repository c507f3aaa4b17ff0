/** `node trim.js APP x64|arm64`: reduces an installed tree to what `dist/` loads on one kind of gateway. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
/** What a package asks for but needs only when it is installed with its scripts. */
const installTime = { 'onnxruntime-node': ['adm-zip', 'global-agent'] };
/** Files of packages that no program loads. Licences stay. */
const idle = /(\.d\.[cm]?ts|\.[cm]?ts|\.map|\.markdown|\.flow|\.tsbuildinfo|(^|\/)(?!licen[cs]e)[^/]*\.md)$/i;
const idleFolder = /^(\.github|\.vscode|docs?|examples?|tests?|__tests__|benchmarks?|coverage|man)$/i;
/** Whole folders that only browsers or installers use, relative to their package. */
const unused = {
    mqtt: ['dist'],
    'csv-parse': ['dist/umd', 'dist/iife'],
    'onnxruntime-node': ['script', 'lib'],
};
/** Names of the packages that the compiled sources in `dist` import. */
export function importedPackages(dist) {
    const names = new Set();
    for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
        if (!file.endsWith('.js'))
            continue;
        const text = readFileSync(path.join(dist, file), 'utf8');
        for (const [, specifier = ''] of text.matchAll(/\b(?:from|import|import\s*\()\s*['"](@?[a-z][\w./:-]*)['"]/g)) {
            if (specifier.startsWith('node:'))
                continue;
            names.add(specifier
                .split('/')
                .slice(0, specifier.startsWith('@') ? 2 : 1)
                .join('/'));
        }
    }
    return names;
}
/** Folders of the packages `names` and of all that they need in turn, found as Node finds them. */
export function closure(app, names) {
    const found = new Set();
    const add = (name, from) => {
        let at = from;
        while (!existsSync(path.join(at, 'node_modules', name, 'package.json'))) {
            if (at === app || at === path.dirname(at))
                return;
            at = path.dirname(at);
        }
        const folder = path.join(at, 'node_modules', name);
        if (found.has(folder))
            return;
        found.add(folder);
        const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = readPackage(folder);
        for (const needed of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
            if (!installTime[name]?.includes(needed))
                add(needed, folder);
        }
    };
    for (const name of names)
        add(name, app);
    return found;
}
function readPackage(folder) {
    return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}
/** Deletes what is not in the closure, what no program loads, and native code for other machines. */
export function trim(app, arch) {
    const imported = importedPackages(path.join(app, 'dist'));
    const missing = [...imported].filter((name) => !existsSync(path.join(app, 'node_modules', name)));
    if (missing.length > 0)
        throw new Error(`dist/ imports what is not installed: ${missing.join(', ')}`);
    const kept = closure(app, imported);
    for (const folder of packageFolders(path.join(app, 'node_modules'))) {
        if (![...kept].some((each) => each === folder || each.startsWith(`${folder}/`)))
            remove(folder);
    }
    for (const folder of kept) {
        if (!existsSync(folder))
            continue;
        for (const each of unused[path.relative(path.join(app, 'node_modules'), folder)] ?? []) {
            remove(path.join(folder, each));
        }
        sweep(folder);
    }
    const natives = path.join(app, 'node_modules/onnxruntime-node/bin/napi-v6');
    for (const system of readdirSync(natives))
        if (system !== 'linux')
            remove(path.join(natives, system));
    for (const each of readdirSync(path.join(natives, 'linux'))) {
        if (each !== arch)
            remove(path.join(natives, 'linux', each));
    }
    remove(path.join(app, 'node_modules/.bin'));
    remove(path.join(app, 'node_modules/.package-lock.json'));
}
function packageFolders(modules) {
    if (!existsSync(modules))
        return [];
    return readdirSync(modules)
        .filter((name) => !name.startsWith('.'))
        .flatMap((name) => name.startsWith('@') ? readdirSync(path.join(modules, name)).map((inner) => `${name}/${inner}`) : [name])
        .flatMap((name) => [path.join(modules, name), ...packageFolders(path.join(modules, name, 'node_modules'))]);
}
/** Files at any depth; folders at the top of a package only, because below it code goes by such names, too (`yaml/dist/doc`). */
function sweep(folder) {
    for (const name of readdirSync(folder))
        if (idleFolder.test(name))
            remove(path.join(folder, name));
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (idle.test(file))
            remove(path.join(folder, file));
    }
}
function remove(file) {
    rmSync(file, { recursive: true, force: true });
}
const [, program = '', app, arch] = process.argv;
if (program.endsWith('trim.js')) {
    if (app === undefined || (arch !== 'x64' && arch !== 'arm64'))
        throw new Error('usage: trim.js APP x64|arm64');
    trim(path.resolve(app), arch);
}
//# sourceMappingURL=trim.js.map