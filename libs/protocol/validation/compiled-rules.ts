import { getMetadataStorage } from 'class-validator';
import type { ValidationArguments } from 'class-validator';

type Class = new () => object;
type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];
type Condition = (object: object, value: unknown) => unknown;
type Rule = Readonly<{
  constraints: unknown[];
  validate: (value: unknown, args: ValidationArguments) => unknown;
}>;
type Field = { readonly name: string; readonly conditions: Condition[]; readonly rules: Rule[] };

/** Returns whether an object keeps all rules of its class. */
export type RuleCheck = (request: object) => boolean;

/** As class-validator names the kinds of its metadata. */
const RULE = 'customValidation';
const CONDITION = 'conditionalValidation';

/**
 * Compiles the rules of a class to a check that answers as class-validator does, in a fraction of its time and without
 * garbage, but cannot say which rule is broken. Returns undefined for a class whose rules it does not know how to check,
 * such as nested objects.
 */
export const compileRules = (shape: Class): RuleCheck | undefined => {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(shape, '', false, false);
  if (metadata.length === 0) return undefined;
  const fields = new Map<string, Field>();
  for (const one of metadata) {
    const field = fields.get(one.propertyName) ?? { name: one.propertyName, conditions: [], rules: [] };
    fields.set(one.propertyName, field);
    if (!addTo(field, one)) return undefined;
  }
  const all = [...fields.values()];
  return (request) => {
    const args = { targetName: shape.name, property: '', object: request, value: undefined, constraints: [] };
    for (const field of all) if (!isKept(field, request, args)) return false;
    return true;
  };
};

/** @returns whether the rule is of a kind that can be compiled */
const addTo = (field: Field, metadata: Metadata): boolean => {
  const { type, each, groups, validateIf, constraints, constraintCls } = metadata;
  if (each || validateIf || (groups as string[] | undefined)?.length) return false;
  if (type === CONDITION) {
    field.conditions.push(constraints[0] as Condition);
    return true;
  }
  const found = getMetadataStorage().getTargetValidatorConstraints(constraintCls);
  if (type !== RULE || found.length === 0 || found.some(({ async }) => async)) return false;
  for (const { instance } of found)
    field.rules.push({ constraints, validate: (value, args) => instance.validate(value, args) });
  return true;
};

/** @param args one object for all rules of a request; it is filled anew for each of them */
const isKept = ({ name, conditions, rules }: Field, request: object, args: ValidationArguments): boolean => {
  const value: unknown = Reflect.get(request, name);
  for (const holds of conditions) if (!holds(request, value)) return true;
  args.property = name;
  args.value = value;
  for (const { constraints, validate } of rules) {
    args.constraints = constraints;
    if (validate(value, args) !== true) return false;
  }
  return true;
};
