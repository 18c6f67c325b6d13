const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file has reached the size limit of the process',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reports an error',
  EMFILE: 'the process has no file handle free',
  ENFILE: 'the machine has no file handle free',
};

/**
 * Returns why nothing can be written, in words and with the code of the failed system call, wherever that is in the
 * chain of causes.
 */
export const writeTrouble = (error: unknown): string => {
  let said = error;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    said = cause;
    const { code } = cause as NodeJS.ErrnoException;
    const words = code === undefined ? undefined : WORDS[code];
    if (words !== undefined) return `${words} (${code})`;
  }
  return said instanceof Error ? said.message : String(said);
};
