# ruff: noqa: E501 (templates and tables are prose: one alternative is one line)
"""Names of people, families and towns."""

from gpt486.training.stories.lexicon import words

GIRLS = words("""
Ada, Agnes, Alice, Alma, Amina, Amy, Anna, Astrid, Beatrice, Bella, Bertha, Bess, Betty, Bridget, Carla, Carmen, Cecily, Celia,
Clara, Cora, Daisy, Dalia, Delia, Dora, Edith, Effie, Elena, Elsa, Emily, Emma, Esther, Etta, Eva, Fatima, Fern, Flora, Frances,
Frida, Gerda, Gina, Grace, Greta, Gwen, Hana, Hannah, Hazel, Heidi, Helen, Hilda, Holly, Ida, Ines, Ingrid, Irene, Iris, Isabel,
Ivy, Jane, Jenny, Joan, Josie, Judith, Julia, June, Karin, Kate, Kira, Laura, Leah, Lena, Lily, Linda, Lisa, Lotte, Louisa, Lucy,
Lydia, Mabel, Maggie, Maria, Marta, Martha, Mary, Matilda, Maud, May, Meg, Mia, Mina, Mira, Molly, Nadia, Nancy, Nell, Nina,
Nora, Olga, Olive, Olivia, Oona, Pearl, Peggy, Penny, Petra, Phoebe, Polly, Rachel, Rita, Rosa, Rose, Ruby, Ruth, Sadie, Sally,
Salma, Sara, Selma, Sofia, Stella, Susan, Tessa, Thea, Tilda, Tilly, Ursula, Vera, Viola, Wanda, Willa, Yasmin, Yuki, Zara, Zelda, Zoe
""")
BOYS = words("""
Abel, Adam, Alan, Albert, Alec, Alfred, Ali, Amos, Andrew, Anton, Arlo, Arthur, Basil, Ben, Benno, Bert, Boris, Bruno, Caleb, Carl,
Casper, Cedric, Charlie, Cosmo, Cyril, Dan, Daniel, David, Dennis, Dmitri, Edgar, Edmund, Edwin, Eli, Elias, Emil, Enzo, Eric,
Ernest, Ethan, Felix, Finn, Francis, Frank, Fred, Gabriel, George, Gilbert, Gregor, Gus, Hans, Harold, Harry, Hassan, Henry, Hugh,
Hugo, Ian, Idris, Igor, Isaac, Ivan, Jack, Jacob, James, Jan, Jasper, Joe, Joel, John, Jonah, Jonas, Josef, Julian, Kai, Karim,
Kenji, Kurt, Lars, Leo, Leon, Levi, Lionel, Louis, Luca, Lucas, Luke, Magnus, Marcus, Mark, Martin, Matteo, Max, Miles, Milo,
Mohan, Moses, Nathan, Ned, Nico, Nils, Noah, Olaf, Oliver, Omar, Oscar, Otto, Owen, Pablo, Paul, Pedro, Percy, Peter, Philip,
Ralph, Ravi, Reuben, Robert, Robin, Rolf, Rory, Rufus, Sam, Samir, Samuel, Sean, Silas, Simon, Stefan, Sven, Tariq, Ted, Theo,
Thomas, Tim, Tobias, Tom, Toby, Victor, Vincent, Walter, Wendell, Wilbur, Will, Yusuf
""")
FAMILIES = words("""
Abbott, Alder, Ames, Ash, Bailey, Barlow, Beck, Bell, Birch, Blake, Bloom, Bolt, Brand, Briggs, Brook, Budd, Carver, Clay, Cobb,
Cole, Crane, Crisp, Cross, Dale, Darrow, Dove, Drew, Elder, Ellis, Farrow, Fenn, Finch, Flint, Foss, Fox, Frost, Gale, Garrow,
Gill, Glass, Goodwin, Gray, Grove, Hale, Hart, Hatch, Hawk, Heath, Hobbs, Holt, Hook, Howell, Hull, Hurst, Jarvis, Keen, Kemp, Kerr,
Lake, Lamb, Lane, Larch, Lark, Lowe, Marsh, Merrick, Mills, Moon, Moss, Nash, Nettle, North, Oakes, Orchard, Page, Parr, Peck, Penn,
Perch, Pike, Plum, Pond, Poole, Price, Quill, Quinn, Reed, Rowan, Rush, Sands, Sharp, Shaw, Snow, Sparrow, Stone, Swann, Tate,
Thorn, Todd, Tripp, Twigg, Underhill, Vale, Vane, Wade, Ward, Webb, Wells, West, Wick, Winter, Wolfe, Wren, Yates, York
""")
TOWN_FIRST = words("""
Alder, Amber, Apple, Ash, Barley, Bell, Birch, Black, Bramble, Bright, Broad, Cold, Copper, Crow, Dun, East, Elm, Fair, Fern, Fox, Glen,
Gold, Green, Grey, Hart, Haw, Hazel, Heather, High, Holly, Kings, Lark, Lin, Long, Maple, Marl, May, Mill, Moss, North, Oak, Old,
Otter, Peb, Pine, Raven, Red, Rose, Rush, Salt, Silver, South, Stone, Summer, Swan, Thorn, Wal, West, White, Wind, Winter, Wood
""")
TOWN_LAST = {
    "sea": words("haven, port, cove, bay, mouth, ness, sand, strand"),
    "river": words("ford, bridge, brook, water, wick, ham, mere, well"),
    "mountain": words("fell, crag, ridge, peak, tor, stead, gap, holm"),
    "farm": words("field, ton, ham, ley, croft, acre, combe, stead"),
    "forest": words("wood, grove, hurst, dell, ley, glade, shaw, den"),
    "city": words("chester, borough, minster, gate, market, caster"),
    "north": words("vik, holm, dal, ness, heim, mark, sund"),
}
ANIMAL_NAMES = words("""
Acorn, Biscuit, Bramble, Bubbles, Buttons, Clover, Copper, Crumb, Dot, Dusty, Ember, Fidget, Flick, Ginger, Hopper, Juniper, Maple,
Mittens, Moth, Muffin, Nibbles, Nutmeg, Patch, Peanut, Pebble, Pepper, Pickle, Pip, Puddle, Rusty, Scamp, Shadow, Smudge, Snowball,
Socks, Soot, Sorrel, Spot, Sprout, Tansy, Thistle, Tuppence, Twig, Whiskers, Willow, Ziggy
""")
BOAT_NAMES = words("""
Morning Star, Seagull, Good Hope, Grey Goose, Little Whale, Wanderer, Silver Fish, Lucky Penny, Sea Rose, North Wind, Swallow,
Blue Heron, Old Friend, Pelican, Evening Light, Dolphin, Kingfisher, Patience
""")
