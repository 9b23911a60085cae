[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Shared.Tests")]
