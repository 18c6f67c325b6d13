import type { OpenAPIObject } from '@nestjs/swagger';
import { ruleOf } from '../access/access-matrix.js';
import type { Matrix } from '../access/access-matrix.js';

const METHODS = ['get', 'put', 'post', 'delete'] as const;

/**
 * Marks each operation that needs a key in the document: every one that the access table does not open to everybody.
 */
export const withKeys = (document: OpenAPIObject, matrix: Matrix): OpenAPIObject => {
  for (const [path, operations] of Object.entries(document.paths)) {
    const route = path.replaceAll(/\{(\w+)\}/g, ':$1');
    for (const method of METHODS) {
      const operation = operations[method];
      if (operation && ruleOf(`${method.toUpperCase()} ${route}`, matrix)?.who !== 'anybody')
        operation.security = [{ bearer: [] }];
    }
  }
  return document;
};
