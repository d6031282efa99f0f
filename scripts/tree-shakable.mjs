// Lets bundlers drop the unused parts of a file that contains a whole folder of lib/. They keep any top-level statement
// that they cannot prove to be free of side effects, and everything it refers to, although importing the package has none.
import { parseAst } from 'rollup/parseAst';

const PURE = '/*#__PURE__*/';

/** Wraps initial values and classes whose creation might have side effects in calls marked as pure. */
export function treeShakable(code) {
  const edits = [];
  for (const statement of parseAst(code).body) {
    if (statement.type === 'VariableDeclaration') {
      for (const { id, init } of statement.declarations) {
        if (id.type !== 'Identifier' || init === null || isSideEffectFree(init)) continue;
        const wrap = init.type === 'ObjectExpression' ? ['(', ')'] : ['', ''];
        edits.push([init.start, `${PURE}(()=>${wrap[0]}`], [init.end, `${wrap[1]})()`]);
      }
    } else if (
      statement.type === 'ClassDeclaration' &&
      (statement.superClass !== null || hasComputedNames(statement))
    ) {
      edits.push([statement.start, `const ${statement.id.name}=${PURE}(()=>`], [statement.end, ')();\n']);
    }
  }
  const pieces = [];
  let end = 0;
  for (const [at, text] of edits) {
    pieces.push(code.slice(end, at), text);
    end = at;
  }
  return pieces.join('') + code.slice(end);
}

/** Whether bundlers recognize that creating the value has no side effects. */
function isSideEffectFree(node) {
  switch (node.type) {
    case 'Literal':
    case 'Identifier':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return true;
    case 'UnaryExpression':
      return isSideEffectFree(node.argument);
    case 'BinaryExpression':
      return node.left.type === 'Literal' && node.right.type === 'Literal';
    case 'ArrayExpression':
      return node.elements.every((element) => element !== null && isSideEffectFree(element));
    case 'ObjectExpression':
      return node.properties.every(
        (property) => property.type === 'Property' && !property.computed && isSideEffectFree(property.value),
      );
    default:
      return false;
  }
}

function hasComputedNames({ body }) {
  return body.body.some((member) => member.computed);
}
