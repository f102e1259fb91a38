// Preact with htm in the place of JSX: what every component starts from.
import { Component, createContext, h, render } from "/modules/preact.js";
import {
  useCallback,
  useContext,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "/modules/hooks.js";
import htm from "/modules/htm.js";

export const html = htm.bind(h);
export {
  Component,
  createContext,
  render,
  useCallback,
  useContext,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
};
