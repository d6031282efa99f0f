import { builtin } from '../model/load-at-runtime.js';

const fs = builtin('node:fs');
const dirname = builtin('node:path').dirname;

/** What a file system allows. Files are only mapped on a local one on which mappings and reads are known to agree. */
export type FileSystemKind = 'mappable' | 'local' | 'remote';

/** `statfs` numbers on Linux: tmpfs, ext2 to ext4, XFS, Btrfs, overlay. */
const MAPPABLE: ReadonlySet<number> = new Set([0x01021994, 0xef53, 0x58465342, 0x9123683e, 0x794c7630]);
/** NFS, SMB (three numbers), 9p, FUSE, Ceph, AFS, Lustre, GPFS, GFS2, OCFS2. */
const REMOTE: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x65735546, 0x00c36400, 0x5346414f, 0x0bd00bd0, 0x47504653,
  0x01161970, 0x7461636f,
]);

/** Returns the kind of file system of a folder, which need not exist yet. */
export function fileSystemOf(folder: string): FileSystemKind {
  if (process.platform !== 'linux') return 'mappable';
  for (let path = folder; ; path = dirname(path)) {
    try {
      return kindOf(fs.statfsSync(path).type);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path === dirname(path)) return 'mappable';
    }
  }
}

/** Returns the kind of file system with a `statfs` number. */
export function kindOf(type: number): FileSystemKind {
  // Some numbers are returned as negative.
  const number = type >>> 0;
  if (MAPPABLE.has(number)) return 'mappable';
  return REMOTE.has(number) ? 'remote' : 'local';
}
