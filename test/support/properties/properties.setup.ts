import fc from 'fast-check';
import { propertySettings } from './property-runs.js';

fc.configureGlobal(propertySettings(process.env));
