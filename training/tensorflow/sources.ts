/** Ways to a native TensorFlow for tfjs-node, in the order they are tried; each builds into a folder of its own. */
import { constants } from 'node:fs';
import { access, copyFile, cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type { Task } from '../progress.js';
import type { TfjsPackage } from './package.js';
import { runProgram } from './program.js';
import { shieldFile, shieldRevision, shieldSource } from './shield.js';

export interface Source {
  readonly name: 'package' | 'wheel';
  /** Of the shield around its kernels; what is ready made has none. */
  readonly shield?: string;
  /** Of the TensorFlow C library. */
  readonly tensorflow: string;
  /** Bytes that must come over the network, for the progress bar. */
  readonly downloadBytes: number;
  /**
   * Builds into the empty folder `dir`: afterwards `dir/bindingPath` can be loaded and nothing else is needed.
   * @throws Error that says why it can't
   */
  readonly build: (dir: string, tfjs: TfjsPackage, task: Task) => Promise<void>;
}

/** Where every source puts the binding, inside its folder. */
export const bindingPath = 'lib/napi/tfjs_binding.node';

const MB = 1e6;
const megabytes = (bytes: number) => `${Math.round(bytes / MB)} MB`;

/** The package's own install script, on a copy of the package so that node_modules stays untouched. */
async function buildByPackage(dir: string, tfjs: TfjsPackage, task: Task): Promise<void> {
  for (const part of ['scripts', 'binding', 'binding.gyp', 'package.json'])
    await cp(join(tfjs.dir, part), join(dir, part), { recursive: true });
  await runProgram(process.execPath, ['scripts/install.js'], {
    cwd: dir,
    env: {
      ...process.env,
      NODE_PATH: tfjs.nodePath.join(delimiter),
      PATH: [...tfjs.nodePath.map((path) => join(path, '.bin')), process.env.PATH].join(delimiter),
    },
    stallMs: 20_000,
    watch: dir,
    onBytes: (bytes) => task.update(bytes, megabytes(bytes)),
  });
  const built = join(dir, `lib/napi-v${process.versions.napi}/tfjs_binding.node`);
  const older = join(dir, 'lib/napi-v8/tfjs_binding.node');
  const from = (await exists(built)) ? built : older;
  if (!(await exists(from))) throw new Error('the install script of tfjs-node made no binding');
  // The run path is $ORIGIN/../../deps/lib: the depth must stay.
  await mkdir(join(dir, 'lib/napi'), { recursive: true });
  await copyFile(from, join(dir, bindingPath));
  for (const part of ['scripts', 'binding', 'binding.gyp', 'build'])
    await rm(join(dir, part), { recursive: true, force: true });
}

const unpackWheel = `
import os, shutil, sys, zipfile
wheel, out = sys.argv[1:3]
headers = ('tensorflow/c/', 'tensorflow/core/platform/', 'tsl/platform/', 'xla/tsl/')
with zipfile.ZipFile(wheel) as archive:
    for member in archive.infolist():
        folder, _, name = member.filename.partition('/')
        if folder != 'tensorflow' or member.is_dir(): continue
        if name.startswith('libtensorflow_'): target = 'lib/' + name
        elif name.startswith('include/') and name[8:].startswith(headers): target = name
        else: continue
        path = os.path.normpath(os.path.join(out, target))
        if not path.startswith(os.path.join(out, '')): continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(member) as source, open(path, 'wb') as to: shutil.copyfileobj(source, to, 1 << 20)
`;

/** Platform tags that pip asks for, whatever Python runs it: only the C library in the wheel is used. */
const wheelTags: Record<string, readonly string[]> = {
  x64: ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64'],
  arm64: ['manylinux_2_27_aarch64', 'manylinux_2_17_aarch64', 'manylinux2014_aarch64'],
};

/** C++ compiler and linker options of the two systems. */
const systems = {
  linux: {
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
    link: ['-Wl,-rpath,$ORIGIN/../../deps/lib'],
  },
  darwin: {
    libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
    link: ['-Wl,-rpath,@loader_path/../../deps/lib', '-undefined', 'dynamic_lookup'],
  },
} as const;

const wheelVersion = '2.21.0';

/** TensorFlow's Python wheel, which any PyPI mirror has, holds the C library and its headers; the binding is two files of C++. */
async function buildByWheel(dir: string, tfjs: TfjsPackage, task: Task): Promise<void> {
  const system = process.platform === 'darwin' ? systems.darwin : systems.linux;
  const scratch = join(dir, 'scratch');
  const wheels = join(scratch, 'wheels');
  await mkdir(wheels, { recursive: true });
  const tags = process.platform === 'linux' ? (wheelTags[process.arch] ?? []) : [];
  const python = process.env.PYTHON ?? 'python3';
  const compiler = process.env.CXX ?? 'c++';
  await runProgram(compiler, ['--version'], { stallMs: 10_000 });
  await runProgram(
    python,
    [
      ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--disable-pip-version-check'],
      ...['--retries', '1', '--progress-bar', 'off', '--dest', wheels],
      ...(tags.length > 0 ? ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'] : []),
      ...tags.flatMap((tag) => ['--platform', tag]),
      `${process.platform === 'linux' && process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow'}==${wheelVersion}`,
    ],
    {
      env: { ...process.env, TMPDIR: scratch },
      stallMs: 60_000,
      watch: scratch,
      onBytes: (bytes) => task.update(bytes, megabytes(bytes)),
    },
  );
  const unpacked = join(scratch, 'unpacked');
  await runProgram(
    python,
    ['-c', `import glob, sys\nsys.argv[1] = glob.glob(sys.argv[1] + '/*.whl')[0]\n${unpackWheel}`, wheels, unpacked],
    { stallMs: 120_000 },
  );
  task.update(wheelSource.downloadBytes, 'compiling the binding');
  const libraries = join(dir, 'deps/lib');
  await mkdir(join(dir, 'lib/napi'), { recursive: true });
  await mkdir(libraries, { recursive: true });
  for (const library of system.libraries) await rename(join(unpacked, 'lib', library), join(libraries, library));
  for (const library of system.libraries)
    await symlink(
      library,
      join(libraries, library.replace('_cc', '').replace('.so.2', '.so').replace('.2.dylib', '.dylib')),
    );
  const { include_dir } = createRequire(import.meta.url)('node-api-headers') as { include_dir: string };
  await writeFile(join(scratch, shieldFile), shieldSource);
  await runProgram(
    compiler,
    [
      ...['-std=c++17', '-O2', '-shared', '-fPIC', '-w', '-DNAPI_VERSION=8'],
      ...['-I', include_dir, '-I', join(unpacked, 'include'), '-include', join(scratch, shieldFile)],
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(tfjs.dir, 'binding', file)),
      ...['-o', join(dir, bindingPath), '-L', libraries, '-ltensorflow', '-ltensorflow_framework', ...system.link],
    ],
    { stallMs: 180_000 },
  );
  await rm(scratch, { recursive: true, force: true });
}

const packageSource: Source = {
  name: 'package',
  tensorflow: '2.9.1',
  downloadBytes: 430 * MB,
  build: buildByPackage,
};
const wheelSource: Source = {
  name: 'wheel',
  shield: shieldRevision,
  tensorflow: wheelVersion,
  downloadBytes: 274 * MB,
  build: buildByWheel,
};

export const sources: readonly Source[] = [packageSource, wheelSource];

/** Builds, then proves in a process of its own that the result loads: a library for another CPU would abort the process. */
export async function buildChecked(source: Source, dir: string, tfjs: TfjsPackage, task: Task): Promise<void> {
  await source.build(dir, tfjs, task);
  await runProgram(
    process.execPath,
    ['-e', 'process.dlopen({ exports: {} }, process.argv[1])', join(dir, bindingPath)],
    {
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
      stallMs: 60_000,
    },
  );
  await writeFile(
    join(dir, 'build.json'),
    `${JSON.stringify({ source: source.name, tensorflow: source.tensorflow, tfjsNode: tfjs.version })}\n`,
  );
}

async function exists(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}
