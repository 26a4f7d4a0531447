using System.Globalization;
using BenchmarkDotNet.Running;
using LocalPv.Benchmarks.Extender;
using LocalPv.Benchmarks.Lvm;
using LocalPv.Benchmarks.Simulator;

switch (args)
{
    // The extender over HTTP against an empty endpoint: [rounds] [seconds each].
    case ["http", ..]:
        HttpRatio.Run(
            args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5,
            TimeSpan.FromSeconds(args.Length > 2 ? double.Parse(args[2], CultureInfo.InvariantCulture) : 0.5));
        break;
    // Events per second of the simulator: [rounds] [only the cluster of so many nodes].
    case ["sim", ..]:
        SimulatorSpeed.Run(
            args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 3,
            args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 0);
        break;
    case ["serve", var nodes, var claims]:
        await FloorServer.RunAsync(int.Parse(nodes, CultureInfo.InvariantCulture), int.Parse(claims, CultureInfo.InvariantCulture));
        break;
    // The lvm2 backend against the bare commands: [rounds]. As root.
    case ["lvm", ..]:
        LvmRatio.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        break;
}
